import pg from 'pg'
import t from 'tap'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { overPool } from '../../src/store/database.ts'
import { publishTasks } from '../../src/store/tasks.ts'
import { type Process, type Program, startProcess, testWorker } from '../support/process.ts'
import { Server } from './server.ts'

/** A cluster of processes on a Postgres of its own, with schedules that fire every second. */
async function cluster(t: Parameters<typeof startProcess>[0]) {
  const server = await Server.create()
  const pool = new pg.Pool({ connectionString: server.connectionString })
  pool.on('error', () => {})
  t.teardown(async () => {
    await pool.end()
    await server.remove()
  })
  await prepareDatabase(server.connectionString)
  await publishTasks(overPool(pool), [
    { name: 'echo', description: '', payloadSchema: {} },
    { name: 'last', description: '', payloadSchema: {} },
  ])
  const start = (program: Program) => startProcess(t, program, server.connectionString)
  const ticks = [start('tick'), start('tick')] as const
  const [echoes, lasting, api] = [start('worker'), start(testWorker), start('api')] as const
  const { url } = await api.logged('api listening')
  await Promise.all([echoes, lasting].map((worker) => worker.logged('worker started')))
  await Promise.race(ticks.map((tick) => tick.logged('this tick leads')))
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy, catch_up, payload) values
      ('echo', 'echo', '* * * * * *', 'allow', 'all', '1'), ('last', 'last', '* * * * * *', 'allow', 'all', '700'),
      ('latest', 'echo', '* * * * * *', 'skip', 'latest', '1')`)
  return { server, pool, echoes, lasting, url, processes: [...ticks, echoes, lasting, api] }
}

t.setTimeout(120_000)

t.test('a restart of Postgres, of either kind, needs nobody', async (t) => {
  const { server, pool, echoes, lasting, url, processes } = await cluster(t)
  const runs = `${url}/api/v1/runs?per_page=1`
  const isTick = ({ component }: Record<string, unknown>) => component === 'tick'
  const onTime = (worker: Process) => worker.next('run started', ({ latenessMs }) => Number(latenessMs) < 900)
  await Promise.all([onTime(echoes), onTime(lasting)])

  for (const mode of ['fast', 'immediate'] as const) {
    const noticed = Promise.any(processes.map((process) => process.next('failed, will try again', isTick)))
    await lasting.next('run started')
    await server.stop(mode)
    await noticed
    t.equal((await fetch(runs)).status, 503)
    await server.start()
    const upAt = performance.now()
    const sinceUp = async (work: Promise<unknown>) => {
      await work
      return Math.round(performance.now() - upAt)
    }
    const [api, first, second] = await Promise.all([
      sinceUp(answers(runs)),
      sinceUp(onTime(echoes)),
      sinceUp(onTime(lasting)),
    ])
    t.comment(`${mode}: the API answers after ${api} ms, runs are on time after ${first} and ${second} ms`)
    t.ok(api < 5_000, 'the API answers')
    t.ok(Math.max(first, second) < 8_000, 'what is due is fired and executed')
  }

  await pool.query('update pgbeat.schedules set enabled = false')
  const active = `select from pgbeat.runs where status in ('waiting', 'queued', 'running', 'retrying')
    union all select from pgbeat.lapses`
  while ((await pool.query(active)).rowCount !== 0) {}
  for (const { isAlive } of processes) t.equal(isAlive, true, 'the process that was started is alive')

  const accounts = await pool.query(`
    select schedule_name, sum(coalesce(missed_count, 1))::int as accounted,
      (extract(epoch from max(scheduled_for) - min(coalesce(missed_since, scheduled_for))) + 1)::int as instants,
      count(*) filter (where status not in ('succeeded', 'missed', 'skipped'))::int as unfinished,
      count(*) filter (where status <> 'succeeded' and schedule_name <> 'latest' and reason is distinct from 'paused')::int as lost
    from pgbeat.runs group by 1 order by 1`)
  t.equal(accounts.rowCount, 3)
  for (const { schedule_name, accounted, instants, unfinished, lost } of accounts.rows) {
    t.ok(instants >= 3, `${schedule_name}: ${instants} instants`)
    t.equal(accounted, instants, 'each instant is accounted for, once')
    t.same({ unfinished, lost }, { unfinished: 0, lost: 0 })
  }
  const doubled = await pool.query(`
    select run_id from pgbeat.attempts where status = 'succeeded' group by run_id, scheduled_for having count(*) > 1`)
  t.equal(doubled.rowCount, 0, 'no run has succeeded twice')
  const unclosed = await pool.query(`select * from pgbeat.attempts where status = 'running'`)
  t.same(unclosed.rows, [], 'every attempt is closed')
  const lostAttempts = await pool.query(`select count(*)::int from pgbeat.attempts where status <> 'succeeded'`)
  t.comment(`${lostAttempts.rows[0].count} attempts did not succeed`)
  t.same(await Promise.all(processes.map((process) => process.stop())), [0, 0, 0, 0, 0])
})

/** Resolves when a page is there. */
async function answers(url: string): Promise<void> {
  while ((await fetch(url)).status !== 200) {}
}
