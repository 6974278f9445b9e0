import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { testDatabase } from '../support/database.ts'
import { type Process, startProcess } from '../support/process.ts'

const launchers = new URL('../../bin/', import.meta.url)
const bin = fileURLToPath(launchers)

t.test('migrate, tick, worker and api as processes of their own', async (t) => {
  const { connectionString, pool } = await testDatabase(t, { empty: true })
  const migrate = spawn(`${bin}migrate`, { env: { PATH: process.env.PATH, DATABASE_URL: connectionString } })
  t.same(await once(migrate, 'exit'), [0, null])

  await pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('tick-tock', 'echo', '* * * * * *')`,
  )
  const [tick, standby, worker, api] = ['tick', 'tick', 'worker', 'api'].map((name) =>
    startProcess(t, new URL(name, launchers), connectionString),
  ) as [Process, Process, Process, Process]
  const { url } = await api.logged('api listening')
  await worker.logged('worker started')
  await Promise.race([tick.logged('this tick leads'), standby.logged('this tick leads')])

  await worker.logged('run succeeded')
  const answer = await fetch(`${url}/api/v1/schedules/tick-tock/history`)
  const { data } = (await answer.json()) as { data: { history: { status: string }[] } }
  t.ok(data.history.some(({ status }) => status === 'succeeded'))

  const { rows } = await pool.query('select kind from pgbeat.nodes order by kind')
  t.same(
    rows.map(({ kind }) => kind),
    ['api', 'tick', 'tick', 'worker'],
  )
  const counting = 'select count(*)::int as processes from pgbeat.node_metrics'
  while ((await pool.query(counting)).rows[0].processes < 4) {}
  t.pass('each publishes what it counts')
  t.same(
    await Promise.all([tick.stop('SIGTERM'), standby.stop('SIGINT'), worker.stop('SIGTERM'), api.stop('SIGINT')]),
    [0, 0, 0, 0],
  )
  t.same((await pool.query('select kind from pgbeat.nodes')).rows, [], 'each took its row away')
  const states = await pool.query(`select distinct status from pgbeat.runs where status in ('running', 'retrying')`)
  t.same(states.rows, [], 'nothing was left in the middle')
})

t.test('says in a line what is missing or wrong', async (t) => {
  const told = async (name: string, environment: Record<string, string>) => {
    const child = spawn(`${bin}${name}`, { env: { PATH: process.env.PATH, ...environment } })
    let text = ''
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    const [code] = await once(child, 'close')
    return { code, text }
  }
  t.match(await told('tick', {}), { code: 2, text: /^pgbeat: DATABASE_URL is not set[^\n]*\n$/ })
  t.match(await told('api', { PGBEAT_PROT: '1' }), {
    code: 2,
    text: /^pgbeat: PGBEAT_PROT: there is no such variable[^\n]*\n$/,
  })
  t.match(await told('api', { PGBEAT_PORT: 'http' }), { code: 2, text: /^pgbeat: PGBEAT_PORT: [^\n]*\n$/ })
  for (const days of ['-1', '1.5', 'month']) {
    const text = /^pgbeat: PGBEAT_RETENTION_DAYS: [^\n]*\n$/
    t.match(await told('tick', { PGBEAT_RETENTION_DAYS: days }), { code: 2, text }, days)
  }
  const { connectionString } = await testDatabase(t, { empty: true })
  const unmigrated = /^pgbeat: the database lacks 0001_[^\n]*: run bin\/migrate first\n$/
  t.match(await told('tick', { DATABASE_URL: connectionString }), { code: 1, text: unmigrated })
  const nowhere = 'postgres://nobody@127.0.0.1:1/none'
  t.match(await told('migrate', { DATABASE_URL: nowhere }), { code: 1, text: /^pgbeat: [^\n]*ECONNREFUSED[^\n]*\n$/ })
})
