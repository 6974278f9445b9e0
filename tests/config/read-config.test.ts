import t from 'tap'
import { type ConfigError, readConfig, readEnvironment } from '../../src/config/read-config.ts'

const setting = (environment: NodeJS.ProcessEnv, name: string) =>
  readEnvironment(environment).settings.find((candidate) => candidate.name === name)

t.test('what is left out has its default', async (t) => {
  t.match(readConfig({}), { PGBEAT_PORT: 8000, PGBEAT_REDIS_SYNC_ENABLED: false, PGBEAT_TIMEZONE: 'UTC' })
  t.match(readConfig({ PGBEAT_PORT: '' }), { PGBEAT_PORT: 8000 })
  t.match(setting({}, 'PGBEAT_PORT'), { value: 8000, from: null, ignored: null })
  t.match(setting({}, 'DATABASE_URL'), { value: null, from: null })
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
  t.match(setting(environment, 'PGBEAT_TIMEZONE'), { value: 'Asia/Tokyo', from: 'CELERY_TIMEZONE', ignored: null })
})

t.test("pgbeat's own name wins, and the other is told as ignored if it says something else", async (t) => {
  const environment = { PGBEAT_TIMEZONE: 'Europe/Berlin', CELERY_TIMEZONE: 'Asia/Tokyo' }
  const own = { value: 'Europe/Berlin', from: 'PGBEAT_TIMEZONE' }
  t.match(setting(environment, 'PGBEAT_TIMEZONE'), { ...own, ignored: 'CELERY_TIMEZONE' })
  t.match(setting({ ...environment, CELERY_TIMEZONE: 'Europe/Berlin' }, 'PGBEAT_TIMEZONE'), { ...own, ignored: null })
})

t.test('what is wrong is told by the name under which it was given', async (t) => {
  const complaint = (environment: NodeJS.ProcessEnv) => {
    try {
      return readConfig(environment)
    } catch (error) {
      return (error as ConfigError).message
    }
  }
  t.match(complaint({ CELERY_TIMEZONE: 'Asia/Tokio' }), /^CELERY_TIMEZONE: is not an IANA time zone/)
  t.match(complaint({ PGBEAT_TIMEZONE: 'FOO+3' }), /^PGBEAT_TIMEZONE: is not an IANA time zone/)
  t.match(complaint({ PGBEAT_REDIS_SYNC_ENABLED: 'perhaps' }), /^PGBEAT_REDIS_SYNC_ENABLED: /)
  t.match(complaint({ PGBEAT_REDIS_SYNC_ENABLED: 'true' }), /^REDIS_URL: is not set, though/)
  t.match(complaint({ REDIS_URL: 'http://localhost' }), /^REDIS_URL: /)
  t.match(
    complaint({ PGBEAT_TIMEZNOE: 'UTC', PGBEAT_PORT: 'x' }),
    /^PGBEAT_TIMEZNOE: there is no such.*\nPGBEAT_PORT: /,
  )
  t.match(setting({ PGBEAT_PORT: 'x' }, 'PGBEAT_PORT'), { value: 'x', problem: /\w/ })
})

t.test('no secret is shown', async (t) => {
  const environment = {
    DATABASE_URL: 'postgres://me:hunter2@localhost/db?password=hunter3',
    REDIS_URL: 'redis://:hunter4@localhost:6379',
    PGBEAT_API_KEY: 'hunter5',
  }
  t.notMatch(JSON.stringify(readEnvironment(environment).settings), /hunter/)
  t.match(setting(environment, 'REDIS_URL'), { value: 'redis://:***@localhost:6379' })
})
