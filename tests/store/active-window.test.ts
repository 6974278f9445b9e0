import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Pool } from 'pg'
import t from 'tap'
import { moveActiveWindow } from '../../src/store/active-window.ts'
import { closeBackfills } from '../../src/store/backfill-running.ts'
import { activeRuns } from '../../src/store/overlap.ts'
import { whatIsPending } from '../../src/store/pending.ts'
import { recoverDeadWorkers } from '../../src/store/recovery.ts'
import { cancelReplaced, promoteWaiting } from '../../src/store/waiting.ts'
import { testSystem } from '../support/system.ts'

/** Long ago there is a partition for the one and none for the other. */
const longAgo = { 'on a day with a partition': 20, 'in the default partition': 700 }

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)

async function prepare(pool: Pool): Promise<string> {
  await pool.query('select pgbeat.create_run_partitions($1, $1)', [day(20)])
  await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
  // The first job of a task is waited for by the second.
  await pool.query(`select graphile_worker.complete_jobs(array[(graphile_worker.add_job('echo')).id])`)
  const { rows } = await pool.query<{ id: string }>(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('s', 'echo', '0 0 1 1 *') returning id`,
  )
  return rows[0]?.id as string
}

async function addRun(pool: Pick<Pool, 'query'>, scheduleId: string, ago: number, status: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
       attempt, node_id)
     values ($1, 's', 'echo', '{}', $2, 'schedule', $3, 3, case $3 when 'running' then 1 else 0 end, gen_random_uuid())
     returning id`,
    [scheduleId, `${day(ago)}T12:00:00Z`, status],
  )
  return rows[0]?.id as string
}

async function activeDays(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ day: string }>('select distinct day::text from pgbeat.active_days order by day')
  return rows.map(({ day }) => day)
}

for (const [where, ago] of Object.entries(longAgo)) {
  t.test(`a run of long ago ${where} that is retried is one that others must not overlap`, async (t) => {
    const { pool, db } = await testSystem(t)
    const scheduleId = await prepare(pool)
    const id = await addRun(pool, scheduleId, ago, 'failed')
    t.same([...(await activeRuns(db, [scheduleId]))], [])
    await pool.query('select pgbeat.retry($1)', [id])
    t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId])
    await moveActiveWindow(db)
    t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId], 'as long as it takes')
    await pool.query(`update pgbeat.runs set status = 'succeeded'`)
    await moveActiveWindow(db)
    t.same(await activeDays(pool), [])
    await pool.query(`update pgbeat.runs set status = 'queued'`)
    t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId], 'SQL by hand makes it active too')
  })

  t.test(`a run that waits since long ago ${where} gets its turn`, async (t) => {
    const { pool, db, row } = await testSystem(t)
    await addRun(pool, await prepare(pool), ago, 'waiting')
    t.match(await whatIsPending(db), { waiting: true })
    t.equal(await promoteWaiting(db), 1)
    t.match(await row('select status from pgbeat.runs'), { status: 'queued' })
    t.match(await whatIsPending(db), { waiting: false })
  })

  t.test(`a run of long ago ${where} is taken over from a dead worker`, async (t) => {
    const { pool, db, row } = await testSystem(t)
    const id = await addRun(pool, await prepare(pool), ago, 'running')
    await pool.query(
      `insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id, started_at)
       select id, scheduled_for, 1, $1, now() - interval '1 hour' from pgbeat.runs`,
      [randomUUID()],
    )
    t.match((await recoverDeadWorkers(db, 6_000)).lostRuns, [{ runId: id, status: 'retrying' }])
    t.match(await row('select status from pgbeat.attempts'), { status: 'worker_lost' })
  })
}

t.test('what is active and grows old is still found when the window has moved on', async (t) => {
  const { pool, db } = await testSystem(t)
  const scheduleId = await prepare(pool)
  // As if they had been written at their time, when nobody notes their days.
  const writer = await pool.connect()
  await writer.query('set session_replication_role = replica')
  await addRun(writer, scheduleId, 20, 'running')
  await addRun(writer, randomUUID(), 3, 'waiting')
  await addRun(writer, randomUUID(), 4, 'succeeded')
  writer.release(true)
  await pool.query(`update pgbeat.active_window set since = now() - interval '21 days'`)
  t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId])
  await moveActiveWindow(db)
  await moveActiveWindow(db)
  t.same(await activeDays(pool), [day(20), day(3)])
  t.match((await pool.query(`select since > now() - interval '3 hours' as moved from pgbeat.active_window`)).rows, [
    { moved: true },
  ])
  t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId])
})

t.test('the window does not move past what is being written', async (t) => {
  const { pool, db, row } = await testSystem(t)
  const scheduleId = await prepare(pool)
  const moved = async () =>
    (await row<{ moved: boolean }>(`select since > now() - interval '3 hours' as moved from pgbeat.active_window`))
      .moved
  await pool.query(`update pgbeat.active_window set since = now() - interval '4 hours'`)
  const writer = await pool.connect()
  await writer.query(`begin; set local session_replication_role = replica`)
  await writer.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     values ($1, 's', 'echo', '{}', now() - interval '3 hours', 'schedule', 'queued', 3)`,
    [scheduleId],
  )
  await moveActiveWindow(db)
  await moveActiveWindow(db)
  t.equal(await moved(), false)
  await writer.query('commit')
  writer.release(true)
  await moveActiveWindow(db)
  t.equal(await moved(), true)
  t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId])
})

t.test('a day is not taken away while a run of it is becoming active', async (t) => {
  const { pool, db } = await testSystem(t)
  const scheduleId = await prepare(pool)
  const id = await addRun(pool, scheduleId, 20, 'failed')
  const retrying = await pool.connect()
  for (const isolation of ['read committed', 'repeatable read']) {
    await pool.query(`delete from pgbeat.active_days; insert into pgbeat.active_days values ($$${day(20)}$$)`)
    await retrying.query(`begin isolation level ${isolation}; select from pgbeat.runs`)
    if (isolation === 'repeatable read') await moveActiveWindow(db)
    await retrying.query('select pgbeat.retry($1)', [id])
    await moveActiveWindow(db)
    await retrying.query('commit')
    t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId], isolation)
    await pool.query(`update pgbeat.runs set status = 'failed'`)
  }
  retrying.release()
})

t.test('two that retry runs of the same day do not wait for each other', async (t) => {
  const { pool, db } = await testSystem(t)
  const scheduleId = await prepare(pool)
  const [first, second] = [await addRun(pool, scheduleId, 20, 'failed'), await addRun(pool, randomUUID(), 20, 'failed')]
  const retrying = await pool.connect()
  await retrying.query('begin')
  await retrying.query('select pgbeat.retry($1)', [first])
  await pool.query(`set lock_timeout = '10ms'`)
  await pool.query('select pgbeat.retry($1)', [second])
  await retrying.query('commit')
  retrying.release()
  t.same([...(await activeRuns(db, [scheduleId]))], [scheduleId])
})

t.test('what the tick asks all the time locks the partitions of about now, however many there are', async (t) => {
  const { pool, db } = await testSystem(t)
  const scheduleId = await prepare(pool)
  await pool.query('select pgbeat.create_run_partitions($1, $2)', [day(40), day(2)])
  const about = new Set(
    [-1, 0, 1].flatMap((ago) => ['runs', 'attempts'].map((table) => `${table}_${day(ago).replaceAll('-', '')}`)),
  )
  const questions = {
    pending: whatIsPending,
    overlap: (trx: typeof db) => activeRuns(trx, [scheduleId]),
    recovery: (trx: typeof db) => recoverDeadWorkers(trx, 6_000),
    replaced: cancelReplaced,
    promoted: promoteWaiting,
    closed: closeBackfills,
  }
  for (const [name, ask] of Object.entries(questions)) {
    const locked = await db.transaction().execute(async (trx) => {
      await ask(trx)
      const { rows } = await sql<{ name: string }>`
        select relname as name from pg_locks l join pg_class c on c.oid = l.relation
        where l.pid = pg_backend_pid() and relname ~ '^(runs|attempts)_([0-9]{8}|default)$'`.execute(trx)
      return rows.map(({ name }) => name)
    })
    t.ok(locked.length > 0, name)
    t.same(
      locked.filter((name) => !about.has(name)),
      [],
      name,
    )
  }
})
