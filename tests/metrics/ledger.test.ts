import t from 'tap'
import { z } from 'zod'
import { toText } from '../../src/metrics/figures.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { defineTask } from '../../src/task.ts'
import { simulation } from '../support/simulation.ts'
import { parseExposition, total } from './exposition.ts'

const echo = defineTask({
  name: 'echo',
  description: '',
  payload: z.object({ name: z.string().default('done'), by: z.number().default(1) }),
  run: async ({ payload, count }) => count(payload.name, payload.by),
})

async function counted(t: Parameters<typeof simulation>[0], at: string) {
  const simulated = await simulation(t, at, { tasks: [echo] })
  const metrics = createMetrics(simulated.events)
  return {
    ...simulated,
    async read() {
      return parseExposition(
        (await toText([...(await metrics.figures('tick')), ...(await metrics.figures('worker'))])).body,
      )
    },
  }
}

t.test('what is counted is what the ledger says', async (t) => {
  const { sql, clock, scheduler, read } = await counted(t, '2026-03-02T09:00:30Z')
  await sql(`
    insert into pgbeat.schedules (name, task_name, cron_expression, catch_up, overlap_policy) values
      ('none', 'echo', '* * * * *', 'none', 'skip'),
      ('latest', 'echo', '* * * * *', 'latest', 'skip'),
      ('all', 'echo', '*/10 * * * *', 'all', 'queue'),
      ('paused', 'echo', '* * * * *', 'latest', 'allow'),
      ('often', 'echo', '* * * * * *', 'latest', 'skip'),
      ('overlapping', 'echo', '* * * * *', 'latest', 'skip')`)
  await scheduler.runDue()
  await clock.advance(60_000)
  await scheduler.fireDue()
  await sql(`select pgbeat.pause('paused', 'a rest')`)
  await clock.advance(60_000)
  await scheduler.fireDue()
  await clock.advance(7_200_000)
  await sql(`select pgbeat.resume('paused')`)
  await scheduler.runDue()
  await sql(`select pgbeat.backfill('none', '2026-03-02T09:30:00Z', '2026-03-02T09:34:00Z')`)
  await scheduler.runDue()

  const metrics = await read()
  const reasons = await sql(`
    select status, reason, sum(coalesce(missed_count, 1))::int as instants from pgbeat.runs
    where status in ('skipped', 'missed') group by 1, 2 order by 1, 2`)
  t.same(
    reasons.map(({ reason }) => reason),
    ['catch_up_latest', 'catch_up_none', 'paused', 'overlap'],
  )
  for (const { status, reason, instants } of reasons) {
    // What the backfill splits is counted again.
    if (reason !== 'catch_up_none') t.equal(total(metrics, `pgbeat_${status}_total`, { reason }), instants, reason)
  }
  const [{ queued, backfilled, succeeded }] = await sql(`
    select count(*) filter (where status = 'succeeded' and origin <> 'backfill')::int as queued,
      count(*) filter (where origin = 'backfill')::int as backfilled,
      count(*) filter (where status = 'succeeded')::int as succeeded
    from pgbeat.runs`)
  const fires = (labels: Record<string, string>) => total(metrics, 'pgbeat_fires_total', labels)
  const fired = ['queued', 'waiting'].flatMap((status) =>
    ['schedule', 'catch_up'].map((origin) => fires({ origin, status })),
  )
  t.equal(
    fired.reduce((sum, count) => sum + count),
    queued,
  )
  t.equal(fires({ origin: 'backfill' }), backfilled)
  t.equal(backfilled, 5)
  t.equal(total(metrics, 'pgbeat_runs_started_total'), succeeded)
  t.equal(total(metrics, 'pgbeat_runs_finished_total', { status: 'succeeded' }), succeeded)
  t.equal(total(metrics, 'pgbeat_lateness_seconds'), succeeded)
  t.equal(total(metrics, 'pgbeat_lateness_seconds', { origin: 'backfill' }), backfilled)
  t.equal(
    total(metrics, 'pgbeat_promoted_runs_total'),
    fires({ status: 'waiting', origin: 'catch_up' }) + fires({ status: 'waiting', origin: 'schedule' }),
  )
  t.equal(total(metrics, 'pgbeat_task_count_total', { task_name: 'echo', counter: 'done' }), succeeded)
})

t.test('a run that a backfill makes again is one more that started', async (t) => {
  const { sql, clock, scheduler, read } = await counted(t, '2026-03-02T09:00:30Z')
  await sql(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2026-03-02T09:01:00Z')`)
  await clock.advance(60_000)
  await scheduler.runDue()
  await clock.advance(60_000)
  await sql(`select pgbeat.backfill('s', '2026-03-02T09:00:00Z', '2026-03-02T09:02:00Z', which := 'all')`)
  await scheduler.runDue()
  t.same(await sql('select attempt, status from pgbeat.runs'), [{ attempt: 2, status: 'succeeded' }])
  const metrics = await read()
  t.equal(total(metrics, 'pgbeat_runs_started_total', { origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_runs_started_total', { origin: 'backfill' }), 1)
})

t.test('a counter with a name or a number that it can not have fails the attempt and says why', async (t) => {
  const { sql, scheduler, read } = await counted(t, '2026-03-02T09:00:00Z')
  await sql(`
    insert into pgbeat.schedules (name, task_name, run_at, payload, max_attempts) values
      ('upper', 'echo', '2026-03-02T09:00:00Z', '{"name": "Rows"}', 1),
      ('empty', 'echo', '2026-03-02T09:00:00Z', '{"name": ""}', 1),
      ('long', 'echo', '2026-03-02T09:00:00Z', '{"name": "${'x'.repeat(64)}"}', 1),
      ('longest', 'echo', '2026-03-02T09:00:00Z', '{"name": "${'x'.repeat(63)}"}', 1),
      ('negative', 'echo', '2026-03-02T09:00:00Z', '{"by": -1}', 1),
      ('nothing', 'echo', '2026-03-02T09:00:00Z', '{"by": 0}', 1)`)
  await scheduler.runDue()
  const runs = await sql(
    `select schedule_name as name, status, error->>'message' as message from pgbeat.runs order by 1`,
  )
  t.match(runs, [
    {
      name: 'empty',
      status: 'failed',
      message: '"" is no name for a counter: a-z, 0-9 and _, a letter first, at most 63',
    },
    { name: 'long', status: 'failed' },
    { name: 'longest', status: 'succeeded' },
    { name: 'negative', status: 'failed', message: "the counter done can't be increased by -1" },
    { name: 'nothing', status: 'succeeded' },
    { name: 'upper', status: 'failed' },
  ])
  t.equal(total(await read(), 'pgbeat_task_count_total'), 1)
})
