import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { testDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'
import { runPgbeat } from './pgbeat.ts'

const bin = fileURLToPath(new URL('../../bin/doctor', import.meta.url))
const doctor = (args: string[], environment: Record<string, string> = {}) => runPgbeat(['doctor', ...args], environment)

/** One that goes on; it is killed when the test is over. */
function watch(t: Test, args: string[], environment: Record<string, string>) {
  const child = spawn(bin, ['--watch', '--every', '1', ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, exited: once(child, 'exit'), lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

t.setTimeout(110_000)

t.test('the exit code is that of the worst finding', async (t) => {
  const only = ['--only', 'runtime,configuration']
  const well = await doctor(only)
  t.match(well, {
    code: 0,
    stderr: '',
    stdout: /^pass {2}runtime {8}Node\.js [^\n]*\npass {2}configuration {2}[^\n]*\n\n2 pass\n$/,
  })
  t.match(await doctor(only, { CELERY_TIMEZONE: 'UTC' }), {
    code: 1,
    stdout:
      /\nwarn {2}configuration {2}CELERY_TIMEZONE [^\n]*\n {6}→ rename CELERY_TIMEZONE[^\n]*\n\n1 warn, 1 pass\n$/,
  })
  t.match(await doctor(only, { PGBEAT_PROT: '1' }), { code: 2, stdout: /\nfail {2}configuration {2}PGBEAT_PROT / })
  const nobody = await doctor(['--only', 'clocks', '--json'])
  t.match({ code: nobody.code, checks: JSON.parse(nobody.stdout).checks }, { code: 0, checks: [{ status: 'skip' }] })
})

t.test('it works when nothing else does', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const look = async (environment: Record<string, string>) => {
    const { code, stdout, stderr } = await doctor(['--json'], environment)
    t.equal(stderr, '')
    t.equal(code, 2)
    const { status, checked_at, checks } = JSON.parse(stdout)
    t.equal(status, 'fail')
    t.ok(Date.parse(checked_at) > 0)
    return Object.fromEntries(
      checks.map(({ name, ...found }: { name: string; status: string; message: string; action: string | null }) => {
        t.ok(found.message !== '' && (found.action !== null) === ['warn', 'fail'].includes(found.status), name)
        return [name, found.status]
      }),
    )
  }
  const nothing = { postgres: 'fail', rights: 'skip', migrations: 'skip', clocks: 'skip', leader: 'skip' }
  t.match(await look({}), { runtime: 'pass', configuration: 'pass', ...nothing })
  const wrong = { DATABASE_URL: 'nonsense', PGBEAT_PORT: 'x' }
  t.match(await look(wrong), { configuration: 'fail', ...nothing, postgres: 'skip' })
  t.match(await look({ DATABASE_URL: 'postgres://me@127.0.0.1:1/name' }), { configuration: 'pass', ...nothing })
  const unmigrated = { rights: 'skip', migrations: 'fail', clocks: 'pass', sessions: 'pass', leader: 'skip' }
  t.match(await look({ DATABASE_URL: connectionString, PGBEAT_PORT: 'x' }), { ...unmigrated, configuration: 'fail' })
})

t.test('colours are for terminals, and for who asks for them', async (t) => {
  const csi = '\u001b['
  t.notMatch((await doctor(['--only', 'runtime'])).stdout, csi)
  t.match((await doctor(['--only', 'runtime'], { FORCE_COLOR: '1' })).stdout, `${csi}32mpass${csi}39m  runtime`)
})

t.test('it can be used wrongly', async (t) => {
  for (const args of [['--only', 'leader,nothing'], ['--every', '0'], ['--what'], ['what'], ['alive', '--kind', 'x']]) {
    t.match(await doctor(args), { code: 2, stdout: '', stderr: /^pgbeat: / }, args.join(' '))
  }
  t.match(await doctor(['--only', 'nothing']), {
    stderr: /there is no check nothing; there are runtime, configuration/,
  })
})

t.test('watching, it looks again and again until a signal comes, and leaves no session behind', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const { child, exited, lines } = watch(t, ['--json', '--only', 'postgres,leader'], { DATABASE_URL: connectionString })
  const next = async () => JSON.parse((await lines.next()).value ?? '')
  const first = await next()
  t.match(first, {
    status: 'fail',
    checks: [
      { name: 'postgres', status: 'pass' },
      { name: 'leader', status: 'fail' },
    ],
  })
  await pool.query(`update pgbeat.leader set node_id = gen_random_uuid(), heartbeat_at = clock_timestamp()`)
  const second = await next()
  t.match(second, { status: 'pass' })
  t.ok(Date.parse(second.checked_at) - Date.parse(first.checked_at) >= 900)
  child.kill('SIGTERM')
  t.same(await exited, [0, null], 'with the code of the last report')
  const left = `select application_name from pg_stat_activity where application_name like 'pgbeat doctor%' and datname = current_database()`
  while ((await pool.query(left)).rowCount !== 0) {}
})

t.test('it ends when nobody reads it any more', async (t) => {
  for (const args of [[], ['--json']]) {
    const { child, exited, lines } = watch(t, ['--only', 'runtime', ...args], {})
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
    })
    await lines.next()
    child.stdout.destroy()
    t.same(await exited, [0, null])
    t.equal(said, '')
  }
})

t.test('env shows each variable and where it is from', async (t) => {
  const environment = {
    DATABASE_URL: 'postgres://me:hush@host/name',
    PGBEAT_API_KEY: 'hush',
    CELERY_TIMEZONE: 'Asia/Tokyo',
    CELERY_BEAT_REDIS_CHANNEL: 'old',
    PGBEAT_REDIS_CHANNEL: 'new',
  }
  const { code, stdout } = await doctor(['env'], environment)
  t.equal(code, 0)
  t.match(stdout, /^pgbeat\n {2}DATABASE_URL +postgres:\/\/me:\*\*\*@host\/name +environment\n/)
  t.match(stdout, /\n {2}PGBEAT_TIMEZONE +Asia\/Tokyo +alias CELERY_TIMEZONE\n/)
  t.match(stdout, /\n {2}PGBEAT_PORT +8000 +default\n/)
  t.match(stdout, /\n {2}REDIS_URL +not set\n/)
  t.match(stdout, /\n {2}PGBEAT_REDIS_CHANNEL +new +environment +CELERY_BEAT_REDIS_CHANNEL is ignored\n/)
  t.notMatch(stdout, 'hush')

  const wrong = await doctor(['env', '--json'], { ...environment, PGBEAT_PORT: 'x', PGBEAT_PROT: 'hush' })
  t.equal(wrong.code, 2)
  t.notMatch(wrong.stdout, 'hush')
  const { valid, variables, unknown } = JSON.parse(wrong.stdout)
  t.equal(valid, false)
  t.same(unknown, ['PGBEAT_PROT'])
  const port = variables.find(({ name }: { name: string }) => name === 'PGBEAT_PORT')
  t.match(port, { value: 'x', from: 'environment', note: /number/, description: /port/ })
  t.match(
    (await doctor(['env'], { PGBEAT_PROT: '1' })).stdout,
    /\nno such variable\n {2}PGBEAT_PROT +\*\*\* +environment +there is no such variable\n/,
  )
})

t.test('alive tells whether a node of this host beats', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const environment = { DATABASE_URL: connectionString }
  t.match(await doctor(['alive']), { code: 2, stdout: "can't tell: DATABASE_URL is not set\n" })
  t.match(await doctor(['alive'], { DATABASE_URL: 'postgres://me@127.0.0.1:1/name' }), {
    code: 2,
    stdout: /^can't tell: /,
  })
  t.match(await doctor(['alive'], environment), { code: 2, stdout: `no node of ${hostname()} is registered\n` })
  await pool.query(
    `insert into pgbeat.nodes (id, kind, host, pid, version, tasks) values (gen_random_uuid(), 'tick', 'elsewhere', 1, '0', '{}')`,
  )
  t.match(await doctor(['alive'], environment), { code: 2 }, 'that of another host')

  const tick = startProcess(t, 'tick', connectionString)
  await tick.logged('this tick leads')
  const alive = new RegExp(
    `^the tick of .* \\(process ${tick.pid}\\) is alive: its last heartbeat was \\d\\.\\d s ago\n$`,
  )
  t.match(await doctor(['alive'], environment), { code: 0, stdout: alive })
  t.match(await doctor(['alive', '--kind', 'tick'], environment), { code: 0 })
  t.match(await doctor(['alive', '--kind', 'worker'], environment), { code: 2, stdout: /^no worker of / })
  await tick.kill()
  await pool.query(`update pgbeat.nodes set heartbeat_at = heartbeat_at - interval '7 s'`)
  t.match(await doctor(['alive', '--kind', 'tick'], environment), {
    code: 2,
    stdout: /is not alive: its last heartbeat was [78]\.\d s ago/,
  })
})
