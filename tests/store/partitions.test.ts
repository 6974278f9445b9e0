import type { Pool } from 'pg'
import t from 'tap'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { triggerRun } from '../../src/store/runs.ts'
import { nextEvent } from '../support/events.ts'
import { testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

const schedule = `insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01')`

/** Those that migrating made. */
async function dropPartitions(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = any('{pgbeat.runs,pgbeat.attempts,pgbeat.run_logs}'::regclass[]) and inhrelid::regclass::text ~ '[0-9]$'`,
  )
  for (const { name } of rows) await pool.query(`drop table ${name}`)
}

t.test(
  'there is a partition for each of the coming days, made once, whatever zone the database is set to',
  async (t) => {
    const { db, pool, name } = await testSystem(t)
    await pool.query(`alter database ${name} set timezone = 'Asia/Kolkata'`)
    await pool.query(`alter database ${name} set datestyle = 'SQL, DMY'`)
    await pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await dropPartitions(pool)
    t.equal(await createPartitionsAhead(db), 15, 'runs, attempts and their logs, from yesterday to three days ahead')
    t.equal(await createPartitionsAhead(db), 0)
    await pool.query(`set timezone = 'UTC'; set datestyle = 'ISO'`)
    const { rows } = await pool.query<{ bounds: string }>(
      `select pg_get_expr(relpartbound, oid) as bounds from pg_class where relname ~ '^runs_[0-9]+$' and relkind = 'r'`,
    )
    t.equal(rows.length, 5)
    for (const { bounds } of rows) t.match(bounds, /FROM \('[-0-9]+ 00:00:00\+00'\) TO \('[-0-9]+ 00:00:00\+00'\)/)
  },
)

t.test('a day of which there are runs already is left where it is', async (t) => {
  const { db, pool, row, startWorker, events } = await testSystem(t)
  await dropPartitions(pool)
  await pool.query(schedule)
  const id = await triggerRun(db, tester, 's')
  await createPartitionsAhead(db)
  t.match(await row('select tableoid::regclass::text as table from pgbeat.runs'), { table: 'pgbeat.runs_default' })
  const finished = nextEvent(events, 'run:finished')
  await startWorker()
  t.match(await finished, { runId: id, status: 'succeeded' })
})

t.test(
  'making partitions gives up soon when somebody reads the runs, and leaves the transaction its own patience',
  async (t) => {
    const { pool } = await testSystem(t)
    await dropPartitions(pool)
    const reader = await pool.connect()
    await reader.query('begin; select count(*) from pgbeat.runs')
    const make = 'select pgbeat.create_run_partitions(current_date, current_date)'
    await t.rejects(pool.query(make), { code: '55P03' })
    await reader.query('commit')
    await reader.query(`begin; set local lock_timeout = '7s'; ${make}`)
    t.same((await reader.query('show lock_timeout')).rows, [{ lock_timeout: '7s' }])
    await reader.query('commit')
    reader.release()
  },
)

t.test('somebody who reads the runs for long stops neither the tick nor other readers', async (t) => {
  const system = await testSystem(t)
  const reader = await system.pool.connect()
  await reader.query('begin')
  await reader.query('select count(*) from pgbeat.runs')
  system.startTick()
  await system.pool.query(`insert into pgbeat.schedules (task_name, cron_expression) values ('echo', '* * * * * *')`)
  await nextEvent(system.events, 'tick:fired')
  const { count } = await system.row<{ count: number }>('select count(*)::int from pgbeat.runs')
  t.ok(count > 0)
  await reader.query('commit')
  reader.release()
})
