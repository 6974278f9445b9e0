import t, { type Test } from 'tap'
import type { Simulation } from '../../src/cli/simulate/present.ts'
import { testDatabase } from '../support/database.ts'
import { onTerminal, runPgbeat } from './pgbeat.ts'

t.setTimeout(180_000)

const day = ['--from', '2031-03-09T00:00:00Z', '--to', '2031-03-10T00:00:00Z']

/** A database with schedules, and a function that simulates them on its server. */
async function withSchedules(t: Test, values: string) {
  const { connectionString, pool } = await testDatabase(t)
  await pool.query(`insert into pgbeat.schedules
    (name, task_name, cron_expression, timezone, overlap_policy, catch_up, enabled, timeout) values ${values}`)
  const environment = { DATABASE_URL: connectionString }
  const args = ['--scratch-url', connectionString]
  return {
    pool,
    environment,
    args,
    async simulate(given: string[]) {
      const { code, stdout, stderr } = await runPgbeat(['simulate', ...given, ...args], environment)
      t.equal(code, 0, stderr)
      const found: Simulation = JSON.parse(stdout)
      const lines = found.runs.map(({ schedule, scheduled_for, outcome, status, reason, missed_count, started_at }) =>
        [schedule, scheduled_for.slice(11, 16), outcome, status, reason ?? missed_count, started_at?.slice(11, 16)]
          .filter((part) => part !== null && part !== undefined)
          .join(' '),
      )
      return { ...found, lines, stderr }
    },
  }
}

t.test('a run that takes long has the next ones skipped, queued or replaced, as the policy says', async (t) => {
  const { simulate } = await withSchedules(
    t,
    ['skip', 'queue', 'replace', 'allow']
      .map((policy) => `('${policy}', 'echo', '0 1-3 * * *', 'UTC', '${policy}', 'latest', true, null)`)
      .join(),
  )
  const { lines, schedules } = await simulate([...day, '--run-for', '90m'])
  const of = (name: string) => lines.filter((line) => line.startsWith(`${name} `))
  t.same(of('skip'), [
    'skip 01:00 fired succeeded 01:00',
    'skip 02:00 skipped skipped overlap',
    'skip 03:00 fired succeeded 03:00',
  ])
  t.same(of('queue'), [
    'queue 01:00 fired succeeded 01:00',
    'queue 02:00 fired succeeded 02:30',
    'queue 03:00 fired succeeded 04:00',
  ])
  t.same(of('replace'), [
    'replace 01:00 fired cancelled replaced 01:00',
    'replace 02:00 fired cancelled replaced 02:00',
    'replace 03:00 fired succeeded 03:00',
  ])
  t.same(of('allow'), [
    'allow 01:00 fired succeeded 01:00',
    'allow 02:00 fired succeeded 02:00',
    'allow 03:00 fired succeeded 03:00',
  ])
  t.match(
    schedules.find(({ schedule }) => schedule === 'skip'),
    { fired: 2, skipped: 1, caught_up: 0, missed: 0, failed: 0, note: null },
  )
})

t.test('after a downtime each catches up as it says', async (t) => {
  const { simulate } = await withSchedules(
    t,
    ['none', 'latest', 'all']
      .map((catchUp) => `('${catchUp}', 'echo', '0 1-4 * * *', 'UTC', 'skip', '${catchUp}', true, null)`)
      .join(),
  )
  const { lines } = await simulate([...day, '--down', '2031-03-09T01:30:00Z/2031-03-09T03:30:00Z'])
  const of = (name: string) => lines.filter((line) => line.startsWith(`${name} `))
  t.same(of('none'), [
    'none 01:00 fired succeeded 01:00',
    'none 03:00 missed missed catch_up_none',
    'none 04:00 fired succeeded 04:00',
  ])
  t.same(of('latest'), [
    'latest 01:00 fired succeeded 01:00',
    'latest 02:00 missed missed catch_up_latest',
    'latest 03:00 caught up succeeded 03:30',
    'latest 04:00 fired succeeded 04:00',
  ])
  t.same(of('all'), [
    'all 01:00 fired succeeded 01:00',
    'all 02:00 caught up succeeded 03:30',
    'all 03:00 caught up succeeded 03:30',
    'all 04:00 fired succeeded 04:00',
  ])
})

t.test('a day on which clocks change', async (t) => {
  const { environment, args } = await withSchedules(
    t,
    `('in the gap', 'echo', '30 2 * * *', 'America/New_York', 'skip', 'latest', true, null)`,
  )
  const { code, shown } = await onTerminal(['simulate', ...day, ...args], { NO_COLOR: '1', ...environment })
  t.equal(code, 0)
  t.match(shown, /2031-03-09T03:00:00-04:00 +in the gap +fired +on time +moved: clocks change\n/)
})

t.test('the schedules it is given, as they are, and nothing is written where they are from', async (t) => {
  const { simulate, pool, environment } = await withSchedules(
    t,
    `('chosen', 'echo', '0 1 * * *', 'UTC', 'skip', 'latest', true, '10 minutes'),
     ('paused', 'echo', '0 2 * * *', 'UTC', 'skip', 'latest', false, null),
     ('other', 'echo', '0 3 * * *', 'UTC', 'skip', 'latest', true, null)`,
  )
  const stamp = () => pool.query('select sum(xmin::text::bigint) from pgbeat.schedules')
  const before = await stamp()
  const { lines, schedules } = await simulate(['chosen', 'paused', ...day, '--run-for', '1h'])
  t.same(lines, ['chosen 01:00 fired failed timeout 01:00'])
  t.match(schedules, [
    { schedule: 'chosen', fired: 1, failed: 1 },
    { schedule: 'paused', fired: 0, note: 'paused' },
  ])
  t.same((await stamp()).rows, before.rows)
  const { rows } = await pool.query(`select from pg_database where datname like 'pgbeat\\_scratch\\_%'`)
  t.equal(rows.length, 0, 'the scratch database is gone')

  t.match(await runPgbeat(['simulate', 'nobody'], environment), { code: 3, stderr: /there is no schedule "nobody"/ })
})

t.test('stops where there are too many runs, and says so', async (t) => {
  const { simulate } = await withSchedules(t, `('busy', 'echo', '* * * * *', 'UTC', 'skip', 'latest', true, null)`)
  const { simulated_until, runs, stderr } = await simulate([...day, '--most', '20'])
  t.equal(simulated_until, '2031-03-09T00:20:00.000Z')
  t.equal(runs.length, 21)
  t.match(stderr, /^It stopped at 2031-03-09T00:20:00.000Z, for there are more than 20 runs/)
})

t.test('starts a server of its own where none is given', async (t) => {
  const { environment } = await withSchedules(t, `('one', 'echo', '0 1 * * *', 'UTC', 'skip', 'latest', true, null)`)
  const { code, stdout, stderr } = await runPgbeat(['simulate', ...day], environment)
  t.same({ code, stderr }, { code: 0, stderr: '' })
  t.match(JSON.parse(stdout).runs, [{ schedule: 'one', scheduled_for: '2031-03-09T01:00:00.000Z', outcome: 'fired' }])
})

t.test('says what is wrong', async (t) => {
  const mistakes: [string[], RegExp][] = [
    [['--from', 'tomorrow'], /--from: must be an ISO 8601 date and time/],
    [['--from', '2031-03-09T00:00:00Z', '--to', '2031-03-08T00:00:00Z'], /--to: must be after --from/],
    [['--down', '2031-03-09T00:00:00Z'], /--down: must be two instants/],
    [['--run-for', 'long'], /--run-for: must be a duration/],
    [['one', '--task', 'echo'], /give names, or flags that choose schedules: not both/],
    [[], /DATABASE_URL is not set/],
  ]
  for (const [args, message] of mistakes) t.match(await runPgbeat(['simulate', ...args]), { code: 2, stderr: message })
})
