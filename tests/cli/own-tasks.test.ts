import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testDatabase } from '../support/database.ts'
import { type LogLine, startProcess } from '../support/process.ts'
import { testSystem } from '../support/system.ts'
import { runPgbeat } from './pgbeat.ts'

const source = (result: string) => `
import { defineTask } from 'pgbeat'
import { z } from 'zod'

export default defineTask({
  name: 'report',
  description: 'Reports',
  payload: z.object({ to: z.string().default('all') }),
  variables: [{ name: 'REPORT_KEY', description: 'A key', isSecret: true }],
  checks: [{ name: 'report-key', look: async () => ({ status: 'pass', message: 'there is a key' }) }],
  migrations: { schema: 'reporting', directory: new URL('./_migrations/', import.meta.url) },
  run: async () => '${result}',
})
`

async function folder(t: Test) {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'pgbeat-tasks-')))
  t.teardown(() => rm(path, { recursive: true }))
  const write = (text: string, name = 'report.ts') => writeFile(join(path, name), text)
  return { path, write }
}

t.setTimeout(120_000)

const isReadAnew = (line: LogLine) => line.msg.includes('tasks read anew')

t.test('a worker runs tasks of files, and reads them anew in development', async (t) => {
  const { connectionString, row, startTick } = await testSystem(t)
  const { path, write } = await folder(t)
  await write(source('one').replace(/ {2}migrations.*\n/, ''))
  const env = { PGBEAT_TASKS: path, NODE_ENV: 'development' }
  const worker = startProcess(t, 'worker', connectionString, env)
  await worker.logged('worker started')
  startTick()
  await row(`insert into pgbeat.schedules (name, task_name, run_at) values ('once', 'report', '9000-01-01')`)
  const result = async () => {
    const finished = worker.next('run succeeded')
    await row(`select pgbeat.trigger('once')`)
    const { runId } = await finished
    return (await row<{ result: string }>('select result from pgbeat.runs where id = $1', [runId])).result
  }
  t.equal(await result(), 'one')

  let read = worker.next(isReadAnew)
  await write(source('two').replace(/ {2}migrations.*\n/, ''))
  await read
  t.equal(await result(), 'two')

  const told = worker.next(({ msg }) => /report\.ts:\d+: SyntaxError/.test(msg))
  read = worker.next(isReadAnew)
  await write('export default {')
  await told
  await read
  t.equal(await result(), 'two')

  read = worker.next(isReadAnew)
  await write(source('three').replace(/ {2}migrations.*\n/, ''))
  await write(
    source('four')
      .replace(/ {2}migrations.*\n/, '')
      .replace("'report'", "'added'"),
    'added.ts',
  )
  t.match(await read, { tasks: /report/ })
  t.equal(await result(), 'three')
  t.match(await row(`select description from pgbeat.tasks where name = 'added'`), { description: 'Reports' })
  t.equal(await worker.stop(), 0)
})

t.test('elsewhere a broken file keeps a worker from starting', async (t) => {
  const { connectionString } = await testDatabase(t)
  const { path, write } = await folder(t)
  await write('export default {')
  const environment = { DATABASE_URL: connectionString, PGBEAT_TASKS: path }
  for (const command of ['worker', 'migrate']) {
    t.match(await runPgbeat([command], environment), {
      code: 2,
      stderr: /^pgbeat: PGBEAT_TASKS: \S+report\.ts:1: SyntaxError: .*\n$/,
    })
  }
})

t.test('migrate and doctor know them', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const { path, write } = await folder(t)
  await write(source('one'))
  await mkdir(join(path, '_migrations'))
  await write('create table reporting.reports (id int);', '_migrations/0001_reports.sql')
  const environment = { DATABASE_URL: connectionString, PGBEAT_TASKS: path, REPORT_KEY: 'hush' }
  const doctor = async (...args: string[]) => runPgbeat(['doctor', ...args], environment)
  t.match(await doctor('--only', 'migrations'), { stdout: /lacks reporting\/0001_reports\.sql/ })
  t.match(await runPgbeat(['migrate'], environment), { code: 0, stdout: /0001_reports/ })
  t.match((await pool.query(`select to_regclass('reporting.reports') is not null as there`)).rows, [{ there: true }])
  t.match((await pool.query(`select from pgbeat.tasks where name = 'report'`)).rowCount, 1)
  t.match(await doctor('--only', 'migrations,report-key,task-files'), {
    code: 0,
    stdout:
      /task-files +all files of PGBEAT_TASKS can be used; with the built-in ones, 5 tasks\n[\s\S]*report-key +there is a key/,
  })
  t.match(await doctor('env'), { stdout: /^report\n {2}REPORT_KEY {2}\*\*\* {2}environment$/m })
  await write('export default 1')
  t.match(await doctor('--only', 'task-files'), { code: 2, stdout: /report\.ts: its default export is not a task/ })
})
