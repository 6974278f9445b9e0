import t from 'tap'
import { pluginDatabase } from './support.ts'

t.test('the runs of the task add up to its metrics', async (t) => {
  const db = await pluginDatabase(t)
  const run = (task: string, status: string, reason: string | null, seconds: number, fetched: number | null) =>
    db.query(
      `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
                                max_attempts, started_at, finished_at, result)
       values (gen_random_uuid(), 'test', $1, '{}', now(), 'schedule', $2, $3, 3,
               now() - $4 * interval '1 second', now(), jsonb_build_object('fetched_count', $5::int))`,
      [task, status, reason, seconds, fetched],
    )
  const name = 'fetch_listed_info_task'
  await run(name, 'succeeded', null, 2, 4_400)
  await run(name, 'succeeded', 'partial', 4, 8_800)
  await run(name, 'succeeded', null, 3, 4_400)
  await run(name, 'failed', null, 7, null)
  await run(name, 'running', null, 100, null)
  await run('echo', 'failed', null, 100, 1)
  const { rows } = await db.query(`
    select runs::int, succeeded::int, partial::int, failed::int, success_rate::float, failure_rate::float,
           extract(epoch from mean_duration)::float as seconds, rows_fetched::int
      from jquants.listed_info_metrics()`)
  t.strictSame(rows, [
    {
      runs: 4,
      succeeded: 3,
      partial: 1,
      failed: 1,
      success_rate: 0.75,
      failure_rate: 0.25,
      seconds: 4,
      rows_fetched: 17_600,
    },
  ])
})

t.test('without runs there are no rates', async (t) => {
  const db = await pluginDatabase(t)
  const { rows } = await db.query(
    'select runs::int, success_rate, rows_fetched::int from jquants.listed_info_metrics()',
  )
  t.strictSame(rows, [{ runs: 0, success_rate: null, rows_fetched: 0 }])
})
