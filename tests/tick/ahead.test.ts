import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { Ahead } from '../../src/tick/ahead.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem, tickUntilIdle } from '../support/system.ts'

t.setTimeout(60_000)

const crowd = 120

/** Schedules that are all planned for one instant, so many milliseconds from now. */
async function planCrowd({ pool }: System, inMs: number, policy = 'skip', size = crowd): Promise<Date> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(
      `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy)
       select 'one-' || n, 'echo', '0 0 1 1 *', $2 from generate_series(1, $1::int) n`,
      [size, policy],
    )
    // As planning would have left them.
    await client.query('set local session_replication_role = replica')
    const { rows } = await client.query<{ at: Date }>(
      `with instant as (select date_trunc('milliseconds', clock_timestamp() + $1 * interval '1 ms') as at), planned as (
         update pgbeat.schedules set next_run_at = at from instant)
       select at from instant`,
      [inMs],
    )
    await client.query('commit')
    return (rows[0] as { at: Date }).at
  } finally {
    client.release()
  }
}

/** Whether what began early waits for its instant. */
async function isReady({ row }: System): Promise<boolean> {
  const { count } = await row<{ count: number }>(
    `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
  )
  return count > 0
}

interface CrowdOptions {
  /** Left out, `crowd`. */
  readonly size?: number
  readonly policy?: string
  /** Called when the schedules are planned, before anything is made ready. */
  readonly before?: () => Promise<unknown>
  /** Called when all is ready and waits for the instant. */
  readonly meanwhile?: () => unknown
}

/** Has a crowd made ready, without a tick, and waits until that is over. Where the instant was first, it is done again. */
async function fireCrowd(system: System, { size = crowd, policy, before, meanwhile }: CrowdOptions): Promise<Date> {
  // Whoever is the first to add a job of a task has others wait that do so too.
  await system.pool.query(
    `insert into graphile_worker._private_tasks (identifier) values ('echo') on conflict do nothing`,
  )
  for (;;) {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    let underWay = Math.min(4, Math.ceil(size / 2_500))
    let isOver = false
    const onOver = () => {
      underWay -= 1
      isOver = true
      if (underWay === 0) resolve()
    }
    const ahead = new Ahead({ db: system.db, events: system.events, onOver })
    const at = await planCrowd(system, 1_500, policy, size)
    await before?.()
    do await delay(Math.min(await ahead.look(system.db, 0), 5))
    while (!isOver && !(await isReady(system)))
    if (!isOver) await meanwhile?.()
    const isInTime = !isOver && Date.now() < at.getTime()
    await over
    if (isInTime || meanwhile === undefined) return at
    for (const table of ['pgbeat.runs', 'graphile_worker._private_jobs', 'pgbeat.schedules'])
      await system.pool.query(`delete from ${table}`)
  }
}

const statuses = ({ row }: System) =>
  row(`select count(*)::int as runs, count(*) filter (where status = 'queued')::int as queued,
         count(distinct schedule_id)::int as schedules, (select count(*)::int from graphile_worker.jobs) as jobs
       from pgbeat.runs where origin = 'schedule'`)

t.test('what many are due for at once is ready before the instant, and there for nobody until then', async (t) => {
  const system = await testSystem(t)
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  const listener = new pg.Client({ connectionString: system.connectionString })
  await listener.connect()
  t.teardown(() => listener.end())
  await listener.query('listen "jobs:insert"')
  const arrived = new Promise<number>((resolve) => listener.on('notification', () => resolve(Date.now())))
  const fired = nextEvent(system.events, 'tick:fired')
  const at = await planCrowd(system, 1_500)
  await system.pool.query('notify pgbeat_schedules')
  while (!(await isReady(system))) await delay(5)
  t.match(await statuses(system), { runs: 0, jobs: 0 })
  t.ok((await arrived) >= at.getTime(), 'no job is there before the instant')
  t.match(await fired, { schedules: crowd, runs: crowd, jobs: crowd, isLate: false, outcomes: [{ instants: crowd }] })
  const { lateMs, fireDelaysMs } = await fired
  t.ok(lateMs >= 0 && lateMs < 500, `committed ${lateMs.toFixed(1)} ms after the instant`)
  t.same(
    fireDelaysMs.map(({ delaysMs }) => new Set(delaysMs).size),
    [1],
  )
  t.same(
    await system.row(`select count(*)::int from pgbeat.runs where scheduled_for = $1 and queued_at = $1`, [at]),
    { count: crowd },
    'each has a run, queued at the instant',
  )
  t.same(
    await system.row(`select count(*)::int from graphile_worker.jobs where run_at = $1`, [at]),
    { count: crowd },
    'jobs are in the order of their instants',
  )
})

t.test('of very many, a session makes batch after batch ready', async (t) => {
  const system = await testSystem(t)
  const batches: number[] = []
  system.events.on('tick:fired', ({ schedules }) => batches.push(schedules))
  // A machine that is busy with something else does not get so far.
  while (batches.length <= 4) {
    batches.length = 0
    for (const table of ['pgbeat.runs', 'graphile_worker._private_jobs', 'pgbeat.schedules'])
      await system.pool.query(`delete from ${table}`)
    await fireCrowd(system, { size: 10_400, policy: 'allow' })
  }
  const fired = batches.reduce((sum, schedules) => sum + schedules, 0)
  t.match(await statuses(system), { runs: fired, schedules: fired, queued: fired, jobs: fired })
})

t.test('a run that comes after it was decided is seen: nothing overlaps it', async (t) => {
  const system = await testSystem(t)
  await fireCrowd(system, { meanwhile: () => system.pool.query(`select pgbeat.trigger('one-1')`) })
  t.match(await statuses(system), { runs: 0, jobs: 1 }, 'all of it is left to whoever fires what is due')
  await tickUntilIdle(system)
  t.match(await statuses(system), { runs: crowd, schedules: crowd, queued: crowd - 1 })
  t.match(await system.row(`select status, reason from pgbeat.runs where status <> 'queued'`), {
    status: 'skipped',
    reason: 'overlap',
  })
})

t.test('where runs may overlap, one more is no reason to wait', async (t) => {
  const system = await testSystem(t)
  const meanwhile = () => system.pool.query(`select pgbeat.trigger('one-1')`)
  await fireCrowd(system, { policy: 'allow', meanwhile })
  t.match(await statuses(system), { runs: crowd, schedules: crowd, queued: crowd, jobs: crowd + 1 })
})

for (const isOver of [true, false]) {
  t.test(
    `a schedule with an active run that is ${isOver ? '' : 'not '}over at its instant is decided about then`,
    async (t) => {
      const system = await testSystem(t)
      await fireCrowd(system, {
        before: () =>
          system.pool.query(
            `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
           select id, name, task_name, '{}', now() - interval '1 second', 'manual', 'running', 3
           from pgbeat.schedules where name = 'one-1'`,
          ),
        meanwhile: () => isOver && system.pool.query(`update pgbeat.runs set status = 'succeeded'`),
      })
      t.match(await statuses(system), { queued: crowd - 1 }, 'it keeps nobody else from being ready')
      await tickUntilIdle(system)
      t.match(await statuses(system), { runs: crowd, schedules: crowd, queued: isOver ? crowd : crowd - 1 })
    },
  )
}

t.test('what is edited while it is made ready waits for it; the edit counts from the next instant on', async (t) => {
  const system = await testSystem(t)
  let paused: Promise<unknown> = Promise.resolve()
  const at = await fireCrowd(system, {
    meanwhile() {
      paused = system.pool.query(`update pgbeat.schedules set enabled = false where name = 'one-1'`)
    },
  })
  await paused
  t.match(await statuses(system), { runs: crowd, queued: crowd })
  t.match(await system.row(`select enabled, last_run_at from pgbeat.schedules where name = 'one-1'`), {
    enabled: false,
    last_run_at: at,
  })
})

t.test('what somebody else has locked is left out', async (t) => {
  const system = await testSystem(t)
  const somebody = await system.pool.connect()
  await fireCrowd(system, {
    async before() {
      await somebody.query('begin')
      await somebody.query(`select from pgbeat.schedules where name = 'one-1' for update`)
    },
  })
  t.match(await statuses(system), { runs: crowd - 1 })
  await somebody.query('commit')
  somebody.release()
  await tickUntilIdle(system)
  t.match(await statuses(system), { runs: crowd, schedules: crowd })
})

t.test('when its session ends before the instant, nothing of it has happened, and all of it fires', async (t) => {
  const system = await testSystem(t)
  const failed = nextEvent(system.events, 'component:failed')
  const at = await fireCrowd(system, {
    meanwhile: () =>
      system.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep'`),
  })
  await failed
  t.match(await statuses(system), { runs: 0, jobs: 0 })
  await delay(Math.max(0, at.getTime() - Date.now()) + 1)
  await tickUntilIdle(system)
  t.match(await statuses(system), { runs: crowd, schedules: crowd, queued: crowd, jobs: crowd })
})
