import t from 'tap'
import { configuration } from '../../src/doctor/checks/configuration.ts'
import { lookAt } from './look-at.ts'

t.test('variables that can be used pass', async (t) => {
  t.match(await lookAt(configuration, { PGBEAT_PORT: '9000', PATH: '/bin' }), {
    status: 'pass',
    message: /^1 variable is set/,
  })
})

t.test('each that is wrong is named', async (t) => {
  const found = await lookAt(configuration, { PGBEAT_PORT: 'x', PGBEAT_PROT: '1', CELERY_TIMEZONE: 'Mars' })
  t.match(found, { status: 'fail', action: /doctor env/ })
  for (const name of ['PGBEAT_PORT', 'PGBEAT_PROT', 'CELERY_TIMEZONE']) t.match(found.message, name)
  const half = await lookAt(configuration, { PGBEAT_REDIS_SYNC_ENABLED: 'yes' })
  t.match(half, { status: 'fail', message: /REDIS_URL is not set, though/ })
})

t.test('an alias in use, and one that is not, is worth a warning', async (t) => {
  t.match(await lookAt(configuration, { CELERY_TIMEZONE: 'Asia/Tokyo' }), {
    status: 'warn',
    message: 'CELERY_TIMEZONE is an alias, in effect as PGBEAT_TIMEZONE',
    action: 'rename CELERY_TIMEZONE to PGBEAT_TIMEZONE',
  })
  t.match(await lookAt(configuration, { CELERY_TIMEZONE: 'Asia/Tokyo', PGBEAT_TIMEZONE: 'UTC' }), {
    status: 'warn',
    message: 'CELERY_TIMEZONE is ignored, for PGBEAT_TIMEZONE says otherwise',
    action: 'remove CELERY_TIMEZONE',
  })
  const same = { CELERY_TIMEZONE: 'UTC', PGBEAT_TIMEZONE: 'UTC' }
  t.match(await lookAt(configuration, same), { status: 'pass' }, 'both say the same')
})
