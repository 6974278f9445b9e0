import t from 'tap'
import { aliasesIn, type Reading, readConfig, readEnvironment } from '../../src/config/read-config.ts'

const settingOf = ({ settings }: Reading, wanted: string) => settings.find(({ name }) => name === wanted)

t.test('each variable says its value and where that is from', async (t) => {
  const reading = readEnvironment({
    PGBEAT_PORT: '9000',
    CELERY_TIMEZONE: 'Asia/Tokyo',
    CELERY_BEAT_REDIS_CHANNEL: 'old',
    PGBEAT_REDIS_CHANNEL: 'new',
    PGBEAT_HOST: '',
  })
  t.same(reading.problems, [])
  t.match(settingOf(reading, 'PGBEAT_PORT'), { value: 9000, from: 'PGBEAT_PORT', ignored: null, problem: null })
  t.match(settingOf(reading, 'PGBEAT_TIMEZONE'), { value: 'Asia/Tokyo', from: 'CELERY_TIMEZONE', ignored: null })
  t.match(settingOf(reading, 'PGBEAT_REDIS_CHANNEL'), { value: 'new', ignored: 'CELERY_BEAT_REDIS_CHANNEL' })
  t.match(settingOf(reading, 'PGBEAT_HOST'), { value: '127.0.0.1', from: null }, 'an empty one counts as left out')
  t.match(settingOf(reading, 'DATABASE_URL'), { value: null, from: null })
})

t.test('what is wrong is told by the name that the environment has, and the rest can be used', async (t) => {
  const environment = { PGBEAT_PORT: 'x', CELERY_TIMEZONE: 'Mars', PGBEAT_PROT: '1', PGBEAT_CONCURRENCY: '3' }
  const { config, problems } = readEnvironment(environment)
  t.match(problems, [
    { name: 'PGBEAT_PROT', variable: null, message: /no such variable/ },
    { name: 'PGBEAT_PORT', variable: 'PGBEAT_PORT', message: /number/ },
    { name: 'CELERY_TIMEZONE', variable: 'PGBEAT_TIMEZONE', message: /IANA/ },
  ])
  t.match(config, { PGBEAT_PORT: 8000, PGBEAT_TIMEZONE: 'UTC', PGBEAT_CONCURRENCY: 3 })
  t.throws(() => readConfig(environment), {
    name: 'ConfigError',
    message: /^PGBEAT_PROT: .*\nPGBEAT_PORT: .*\nCELERY_TIMEZONE: /,
  })
})

t.test('what must hold between variables is told of the one that is missing', async (t) => {
  const { problems, config } = readEnvironment({ PGBEAT_REDIS_SYNC_ENABLED: 'true' })
  t.match(problems, [{ name: 'REDIS_URL', variable: 'REDIS_URL', message: /is not set, though/ }])
  t.equal(config.PGBEAT_REDIS_SYNC_ENABLED, true)
})

t.test('secrets are hidden, in what is wrong too', async (t) => {
  const told = JSON.stringify([
    readEnvironment({
      DATABASE_URL: 'postgres://me:hush@host/name?password=hush',
      REDIS_URL: 'redis://:hush@host',
      PGBEAT_API_KEY: 'hush',
      PGBEAT_SQL_TASK_DATABASE_URL: 'postgres://sql:hush@host/name',
    }).settings,
    readEnvironment({ DATABASE_URL: 'mysql://me:hush@host/name', REDIS_URL: 'hush' }).settings,
  ])
  t.notMatch(told, 'hush')
  t.match(told, 'postgres://me:***@host/name?password=***')
})

t.test('the names of what pgbeat replaces are understood, and told as such', async (t) => {
  const environment = {
    CELERY_BEAT_REDIS_SYNC_ENABLED: 'True',
    CELERY_BEAT_REDIS_CHANNEL: 'updates',
    CELERY_BEAT_MIN_SYNC_INTERVAL: '5',
    CELERY_TIMEZONE: 'Asia/Tokyo',
    REDIS_URL: 'redis://localhost:6379/0',
  }
  t.match(readConfig(environment), {
    PGBEAT_REDIS_SYNC_ENABLED: true,
    PGBEAT_REDIS_CHANNEL: 'updates',
    PGBEAT_MIN_SYNC_INTERVAL: 5,
    PGBEAT_TIMEZONE: 'Asia/Tokyo',
  })
  t.same(aliasesIn(environment), {
    CELERY_BEAT_REDIS_SYNC_ENABLED: 'PGBEAT_REDIS_SYNC_ENABLED',
    CELERY_BEAT_REDIS_CHANNEL: 'PGBEAT_REDIS_CHANNEL',
    CELERY_BEAT_MIN_SYNC_INTERVAL: 'PGBEAT_MIN_SYNC_INTERVAL',
    CELERY_TIMEZONE: 'PGBEAT_TIMEZONE',
  })
  t.same(aliasesIn({ PGBEAT_TIMEZONE: 'UTC', CELERY_TIMEZONE: 'Asia/Tokyo' }), {}, "pgbeat's own wins")
})
