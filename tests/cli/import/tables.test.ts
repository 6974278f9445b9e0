import { readFileSync } from 'node:fs'
import { PgBoss } from 'pg-boss'
import t from 'tap'
import { fromCeleryBeat } from '../../../src/cli/import/celery-beat.ts'
import { isOneStatement } from '../../../src/cli/import/one-statement.ts'
import { fromPgBoss } from '../../../src/cli/import/pg-boss.ts'
import { fromPgCron } from '../../../src/cli/import/pg-cron.ts'
import { readCeleryBeat } from '../../../src/store/foreign/celery-beat.ts'
import { readPgBoss } from '../../../src/store/foreign/pg-boss.ts'
import { readPgCron } from '../../../src/store/foreign/pg-cron.ts'
import { testDatabase } from '../../support/database.ts'

t.setTimeout(120_000)

async function databaseWith(t: Parameters<typeof testDatabase>[0], file: string) {
  const database = await testDatabase(t, { empty: true })
  await database.pool.query(readFileSync(new URL(file, import.meta.url), 'utf8'))
  return database
}

t.test("django-celery-beat's tables", async (t) => {
  const { connectionString, pool } = await databaseWith(t, 'django-celery-beat-2.4.0.sql')
  const { schedules, left } = fromCeleryBeat((await readCeleryBeat(connectionString)) ?? [])
  t.same(
    schedules.map(({ fields }) => fields),
    [
      {
        name: 'every other day',
        task_name: 'ops.tasks.clean',
        every: 172_800,
        starts_at: '2026-12-01T00:00:00.000Z',
        ends_at: '2027-06-01T09:30:00.000Z',
      },
      {
        name: 'friday the 13th',
        task_name: 'reports.tasks.luck',
        cron_expression: '0 0 13 * +5',
        payload: { args: [1, 'two'] },
        enabled: false,
      },
      { name: 'heartbeat', task_name: 'ops.tasks.beat', every: 90 },
      { name: 'new year', task_name: 'reports.tasks.year', run_at: '2026-12-31T15:00:00.000Z' },
      {
        name: 'nightly report',
        task_name: 'reports.tasks.nightly',
        cron_expression: '30 2 * * mon-fri',
        timezone: 'Asia/Tokyo',
        payload: { of: 'yesterday', codes: [7203] },
        description: 'Before the market opens',
      },
      { name: 'once at noon', task_name: 'reports.tasks.noon', cron_expression: '0 12 * * *', max_runs: 1 },
      { name: 'overnight', task_name: 'reports.tasks.overnight', cron_expression: '*/20 22,23,0,1,2,3,4 * 1,7 sun' },
    ],
  )
  t.match(left, [
    { from: 'celery.backend_cleanup', why: /Celery's own/ },
    { from: 'dawn', why: /sunrise: there are no schedules by the sun/ },
    { from: 'too fast', why: /the shortest interval is a second/ },
  ])
  const notes = schedules.flatMap(({ from, notes }) => notes.map((note) => `${from}: ${note.split(':')[0]}`))
  t.same(notes, [
    'friday the 13th: positional arguments are in payload.args',
    'heartbeat: queue ops',
    'heartbeat: headers {"trace"',
    'heartbeat: priority 3',
    'heartbeat: expire_seconds 60',
    'once at noon: exchange x',
    'once at noon: routing key y',
  ])
  await pool.query(`update django_celery_beat_periodictask set kwargs = '{' where name = 'overnight'`)
  const { left: more } = fromCeleryBeat((await readCeleryBeat(connectionString)) ?? [])
  t.match(more[2], { from: 'overnight', why: 'its args or kwargs are no JSON' })
})

t.test("pg_cron's table", async (t) => {
  const { connectionString, pool, name } = await databaseWith(t, 'pg_cron-1.4.2.sql')
  const found = await readPgCron(connectionString)
  t.match(found, { timezone: 'GMT', database: name })
  const { schedules, left, defaults } = fromPgCron(found ?? { jobs: [], timezone: '', database: '' })
  t.same(defaults, { task_name: 'sql', timezone: 'UTC', overlap_policy: 'queue', catch_up: 'none', max_attempts: 1 })
  const timeout = { timeout_seconds: 86_400 }
  t.same(
    schedules.map(({ fields }) => fields),
    [
      {
        name: 'pg_cron-2',
        cron_expression: '*/5 * */2 * +1',
        payload: { statement: "delete from sessions where seen < now() - interval '1 day';", ...timeout },
      },
      {
        name: 'elsewhere',
        cron_expression: '0 0 1 1 *',
        payload: { statement: 'select refresh()', ...timeout },
        enabled: false,
      },
      {
        name: 'quoted',
        cron_expression: '0 0 * * fri',
        payload: { statement: 'select $q$one; two$q$ -- ; three', ...timeout },
      },
      { name: 'seconds', every: 30, payload: { statement: 'select 1', ...timeout } },
      { name: 'last day', cron_expression: '0 0 L * *', payload: { statement: 'select 1', ...timeout } },
    ],
  )
  t.match(left, [
    { from: 'nightly vacuum (job 1)', why: /can't run in a transaction/ },
    { from: 'two things (job 3)', why: /several statements/ },
  ])
  t.match(schedules[1]?.notes, [/^it ran in the database dj/])
  await pool.query(`alter database ${name} set cron.timezone = 'Europe/Berlin'`)
  await pool.query(`update cron.job set username = 'ann', nodename = 'db2' where jobid = 2`)
  await pool.query(`update cron.job set command = 'set x to 1' where jobid = 4`)
  const berlin = fromPgCron((await readPgCron(connectionString)) ?? { jobs: [], timezone: '', database: '' })
  t.match(berlin.left, [{}, {}, { from: 'elsewhere (job 4)', why: /^set x to 1: must not be SET/ }])
  t.match(berlin, {
    defaults: { timezone: 'Europe/Berlin' },
    schedules: [{ notes: ['it ran as ann', 'it ran on db2'] }],
  })
})

t.test('one statement or several', (t) => {
  for (const one of ['select 1', 'select 1; ', "select ';'';' as \";\" -- ;", '/* ; */ do $$ begin a; end $$;']) {
    t.ok(isOneStatement(one), one)
  }
  for (const several of ['select 1; select 2', '$a$;$a$;x', 'select 1;;']) t.notOk(isOneStatement(several), several)
  t.end()
})

t.test("pg-boss' schedules, as pg-boss writes them", async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  t.equal(await readPgBoss(connectionString, 'pgboss'), null)
  const boss = new PgBoss({ connectionString, schedule: false, supervise: false })
  boss.on('error', () => {})
  await boss.start()
  try {
    await boss.createQueue('report')
    await boss.createQueue('sync', { policy: 'singleton', retryLimit: 5, retryDelay: 30, expireInSeconds: 120 })
    await boss.schedule(
      'report',
      '30 2 * * 1-5',
      { of: 'yesterday' },
      { tz: 'Asia/Tokyo', priority: 4, missed: 'once' },
    )
    await boss.schedule('report', '*/10 * * * * *', null, { key: 'often', singletonKey: 'x', retryLimit: 0 })
    await boss.schedule('sync', '@weekdays')
    await boss.schedule('sync', 'DTSTART:20260101T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=-1FR', null, { key: 'rule' })
  } finally {
    await boss.stop({ graceful: false })
  }
  const { schedules, left, defaults } = fromPgBoss((await readPgBoss(connectionString, 'pgboss')) ?? [])
  t.match(defaults, { overlap_policy: 'allow', catch_up: 'none', max_attempts: 3 })
  t.same(
    schedules.map(({ fields: { timeout: _, ...fields } }) => fields),
    [
      {
        name: 'report',
        task_name: 'report',
        cron_expression: '30 2 * * 1-5',
        timezone: 'Asia/Tokyo',
        payload: { of: 'yesterday' },
        priority: -4,
        catch_up: 'latest',
      },
      { name: 'report:often', task_name: 'report', cron_expression: '* * * * *', max_attempts: 1 },
      {
        name: 'sync',
        task_name: 'sync',
        cron_expression: '0 0 * * 1-5',
        max_attempts: 6,
        retry_delay: 30,
        overlap_policy: 'queue',
      },
    ],
  )
  t.match(schedules[1]?.notes, [/once a minute at most/, /^singletonKey "x"/])
  t.match(schedules[2]?.fields, { timeout: 120 })
  t.match(left, [{ from: 'sync, key rule', why: /no rules of iCalendar/ }])
})
