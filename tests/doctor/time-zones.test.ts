import t from 'tap'
import { judge, timeZones } from '../../src/doctor/checks/time-zones.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { lookAt } from './look-at.ts'

const insert = (timezones: readonly string[]) => `
  insert into pgbeat.schedules (name, task_name, cron_expression, timezone)
  select 's' || gen_random_uuid(), 'echo', '0 0 1 1 *', unnest('{${timezones.join()}}'::text[])`
/** Past all that would refuse them. */
const force = (statement: string) => `set session_replication_role = replica; ${statement}`
const look = ({ connectionString }: TestDatabase, environment = {}) =>
  lookAt(timeZones, { DATABASE_URL: connectionString, ...environment })

t.test('zones that both know pass', async (t) => {
  const database = await testDatabase(t)
  t.match(await look(database), { status: 'pass', message: /agree on the time zone in use for 5 years/ })
  await database.pool.query(insert(['UTC', 'Asia/Tokyo', 'Asia/Tokyo', 'Europe/London']))
  t.match(await look(database), { status: 'pass', message: /agree on the 3 time zones/ })
})

t.test('a zone that Postgres knows and Node.js does not fails', async (t) => {
  const database = await testDatabase(t)
  // An abbreviation, which Postgres takes for a zone.
  await database.pool.query(insert(['EDT', 'UTC']))
  t.match(await look(database), {
    status: 'fail',
    message: 'EDT is unknown to Node.js, and its schedules do not fire',
    action: /IANA/,
  })
})

t.test('a zone that Node.js knows and Postgres does not is named', async (t) => {
  const database = await testDatabase(t)
  const client = await database.pool.connect()
  await client.query(force(insert(['+03:00', 'UTC'])))
  client.release(true)
  t.match(await look(database), {
    status: 'warn',
    message: "+03:00 is unknown to Postgres, and its schedules can't be changed",
  })
})

t.test('a zone in which the clocks show something else is named, with the first instant', async (t) => {
  const database = await testDatabase(t)
  // By Node.js it has summer time; by Postgres it is an abbreviation of a fixed offset.
  await database.pool.query(insert(['CET', 'UTC']))
  t.match(await look(database), {
    status: 'warn',
    message: /^CET at 20\d\d-\d\d-\d\dT[\d:.]+\+02:00 by Node\.js is 60 min earlier by Postgres$/,
    action: /upgrade whichever has the older data/,
  })
  await database.pool.query('delete from pgbeat.schedules')
  const byDefault = await look(database, { PGBEAT_TIMEZONE: 'CET' })
  t.match(byDefault, { status: 'warn', message: /^CET / }, 'that of schedules to come')
})

t.test('a hundred thousand schedules take no longer', async (t) => {
  const database = await testDatabase(t)
  const client = await database.pool.connect()
  await client.query(
    force(`insert into pgbeat.schedules (id, name, task_name, cron_expression, timezone)
      select gen_random_uuid(), 's' || i, 'echo', '0 0 1 1 *', (array['UTC', 'Asia/Tokyo', 'Europe/Paris'])[1 + i % 3]
      from generate_series(1, 100000) i`),
  )
  client.release(true)
  const since = performance.now()
  t.match(await look(database), { status: 'pass', message: /the 3 time zones/ })
  const tookMs = performance.now() - since
  t.ok(tookMs < 2_000, `took ${tookMs.toFixed(0)} ms`)
})

t.test('of many problems a few are named', async (t) => {
  const zones = ['A/B', 'C/D', 'E/F', 'G/H', 'I/J', 'K/L', 'M/N']
  const nothing = { unknownToNode: [], unknownToPostgres: [], disagreements: [], isBounded: false }
  const found = judge({ ...nothing, zones, unknownToNode: zones, unknownToPostgres: zones })
  t.match(found, { status: 'fail', message: /^A\/B is unknown to Node\.js.*; and 2 more$/ })
  const at = Date.UTC(2030, 0, 1)
  const disagreements = [
    { zone: 'Asia/Tokyo', at, inNode: 32_400_000, inPostgres: 36_000_000 },
    { zone: 'Asia/Tokyo', at: at - 1_000, inNode: 32_400_000, inPostgres: 36_000_000 },
  ]
  t.match(judge({ ...nothing, zones: ['Asia/Tokyo'], disagreements }), {
    status: 'warn',
    message: 'Asia/Tokyo at 2030-01-01T08:59:59+09:00 by Node.js is 60 min later by Postgres',
  })
  t.match(judge({ ...nothing, zones, isBounded: true }), { status: 'pass', message: /of the first 1000000 schedules/ })
})
