import t from 'tap'
import { overPool } from '../../src/store/database.ts'
import { listLatestRuns } from '../../src/store/latest-runs.ts'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { testApi } from '../http/api.ts'
import { testDatabase } from '../support/database.ts'
import { explaining } from './explaining.ts'

const [daily, frequent, none] = ['1', '2', '3'].map((digit) => `0000000${digit}-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
]
/** Days ago, and whose. */
const insert = `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
    max_attempts, started_at, finished_at)
  select $1, 's', 'echo', '{}', at, 'schedule', $3, $4, 1, at + interval '20 ms', at + interval '1 s'
  from unnest($2::float8[]) ago, lateral (select date_trunc('hour', now()) - ago * interval '1 day' as at) instant`

t.test('the latest runs of each of some schedules, as a list shows them', async (t) => {
  const { pool, request } = await testApi(t)
  await pool.query(insert, [daily, [1, 2, 3, 10, 40, 166, 300], 'succeeded', null])
  await pool.query(insert, [frequent, [0.1, 0.2, 0.3, 0.4, 0.5], 'skipped', 'overlap'])
  const ask = async (query: string) => (await request('GET', `/schedules/recent-runs?${query}`)).body
  const { data } = await ask(`schedule_ids=${frequent},${none.toUpperCase()},${daily},${daily}`)
  t.same(
    data.map(({ schedule_id, runs }: { schedule_id: string; runs: unknown[] }) => [schedule_id, runs.length]),
    [
      [frequent, 5],
      [none, 0],
      [daily, 6],
    ],
    'as far back as it looks',
  )
  const { id, scheduled_for, ...glance } = data[2].runs[0]
  t.same(glance, { status: 'succeeded', reason: null, lateness_ms: 20, duration_ms: 980 })
  t.match(data[0].runs[0], { status: 'skipped', reason: 'overlap' })
  for (const { runs } of data) {
    const instants = runs.map((run: { scheduled_for: string }) => run.scheduled_for)
    t.same(instants, instants.toSorted().reverse(), 'the newest first')
  }
  const few = await ask(`schedule_ids=${daily}&schedule_ids=${frequent}&per_schedule=4`)
  t.same(few.data[0].runs, data[2].runs.slice(0, 4), 'from one stretch and the next')
  t.same(few.data[1].runs, data[0].runs.slice(0, 4))
  const many = Array.from({ length: 101 }, (_, i) => daily.replace(/\d{3}$/, `${100 + i}`)).join(',')
  for (const query of [
    '',
    'schedule_ids=',
    'schedule_ids=x',
    `schedule_ids=${many}`,
    `schedule_ids=${daily}&per_schedule=51`,
  ]) {
    t.equal((await request('GET', `/schedules/recent-runs?${query}`)).status, 422, query.slice(0, 80))
  }
})

t.test('takes a step into an index for each schedule', async (t) => {
  const { pool } = await testDatabase(t)
  await createPartitionsAhead(overPool(pool))
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     select ('00000000-0000-4000-8000-' || lpad((i % 1000)::text, 12, '0'))::uuid, 's', 'echo', '{}',
       now() + (i - 50000) * interval '1 s', 'schedule', 'succeeded', 1
     from generate_series(1, 100000) i`,
  )
  const ids = Array.from({ length: 100 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`)
  const { db, readFromEndToEnd, indexesOfGenericPlans } = explaining(pool)
  for (const analyzed of [false, true]) {
    if (analyzed) await pool.query('analyze pgbeat.runs')
    t.same(await readFromEndToEnd(() => listLatestRuns(db, ids, 30)), [])
    const used = await indexesOfGenericPlans(() => listLatestRuns(db, ids, 30))
    t.ok(used.length > 0)
    t.same(
      used.filter((name) => !name.includes('schedule_id_scheduled_for')),
      [],
    )
  }
})
