import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { programs } from '../../src/dev/postgres/binaries.ts'
import { findPostmaster } from '../../src/dev/postgres/postmaster.ts'
import { type PostgresOptions, startPostgres } from '../../src/dev/postgres.ts'
import { fastDirectory } from '../support/server.ts'

const starter = fileURLToPath(new URL('./start-postgres.ts', import.meta.url))
const asRoot = process.getuid?.() === 0 && process.platform === 'linux'

t.test('the first start makes a database whose connection string works as it is', async (t) => {
  const server = await start(t, await newDataDir(t))
  const [row] = await query(
    server.connectionString,
    `select current_database(), current_user, current_setting('timezone') as timezone,
       current_setting('server_encoding') as encoding, current_setting('listen_addresses') as addresses`,
  )
  t.same(row, {
    current_database: 'pgbeat',
    current_user: 'postgres',
    timezone: 'UTC',
    encoding: 'UTF8',
    addresses: '127.0.0.1',
  })
})

t.test('a password is asked for, and only the owner can read it', async (t) => {
  const dataDir = await newDataDir(t)
  const { connectionString } = await start(t, dataDir)
  const url = new URL(connectionString)
  t.equal((await stat(join(dataDir, 'pgbeat.password'))).mode & 0o777, 0o600)
  url.password = 'wrong'
  await t.rejects(query(url.href, 'select'), { code: '28P01' })
})

t.test('a restart keeps data, password and port', async (t) => {
  const dataDir = await newDataDir(t)
  const first = await start(t, dataDir)
  await query(first.connectionString, 'create table kept as select 42 as answer')
  await first.stop()
  t.equal(await findPostmaster(dataDir), undefined)
  const second = await start(t, dataDir)
  t.equal(second.connectionString, first.connectionString)
  t.same(await query(second.connectionString, 'select answer from kept'), [{ answer: 42 }])
})

t.test('settings hold for the start that they were given to', async (t) => {
  const dataDir = await newDataDir(t)
  const log_line_prefix = `it's %p `
  const first = await start(t, dataDir, { settings: { fsync: 'off', log_line_prefix } })
  t.same(await query(first.connectionString, 'show log_line_prefix'), [{ log_line_prefix }])
  await first.stop()
  const second = await start(t, dataDir, { settings: {} })
  t.same(await query(second.connectionString, 'show fsync'), [{ fsync: 'on' }])
})

t.test('a start fails with what Postgres said about it', async (t) => {
  const settings = { shared_buffers: 'plenty' }
  await t.rejects(startPostgres({ dataDir: await newDataDir(t), settings }), { message: /shared_buffers.*plenty/ })
})

t.test('another port is taken when the last one is in use', async (t) => {
  const dataDir = await newDataDir(t)
  const first = await start(t, dataDir)
  await first.stop()
  await occupy(t, first.port)
  const second = await start(t, dataDir)
  t.not(second.port, first.port)
  await query(second.connectionString, 'select')
})

t.test('a port that was asked for is used, or the start fails', async (t) => {
  const dataDir = await newDataDir(t)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await t.rejects(startPostgres({ dataDir, port }), { message: new RegExp(`port ${port} of 127.0.0.1 is in use`) })
  server.close()
  await once(server, 'close')
  t.equal((await start(t, dataDir, { port })).port, port)
})

t.test('two processes that start the same directory get the same server', async (t) => {
  const dataDir = await newDataDir(t)
  const servers = await Promise.all([start(t, dataDir), firstLine(spawnStarter(t, dataDir), /^postgres:/)])
  t.equal(servers[0].connectionString, servers[1])
})

t.test('a server whose starter was killed is adopted', async (t) => {
  const dataDir = await newDataDir(t)
  const child = spawnStarter(t, dataDir)
  const connectionString = await firstLine(child, /^postgres:/)
  const before = await findPostmaster(dataDir)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const server = await start(t, dataDir)
  t.equal(server.connectionString, connectionString)
  t.same(await findPostmaster(dataDir), before)
  await server.stop()
  await t.rejects(query(connectionString, 'select'), { code: 'ECONNREFUSED' })
})

t.test('Ctrl-C on the terminal does not reach the server', async (t) => {
  const dataDir = await newDataDir(t)
  const child = spawnStarter(t, dataDir)
  const connectionString = await firstLine(child, /^postgres:/)
  const before = await findPostmaster(dataDir)
  process.kill(-Number(child.pid), 'SIGINT')
  t.same(await once(child, 'exit'), [null, 'SIGINT'])
  const adopted = await start(t, dataDir)
  t.equal(adopted.connectionString, connectionString)
  t.same(await findPostmaster(dataDir), before)
})

t.test('a server that was killed starts again, even when its process id went to another program', async (t) => {
  const dataDir = await newDataDir(t)
  const first = await start(t, dataDir)
  await query(first.connectionString, 'create table kept as select 42 as answer')
  process.kill(Number((await findPostmaster(dataDir))?.pid), 'SIGKILL')
  const pidFile = join(dataDir, 'postmaster.pid')
  const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n')
  await writeFile(pidFile, [process.pid, ...rest].join('\n'))
  const second = await start(t, dataDir)
  t.same(await query(second.connectionString, 'select answer from kept'), [{ answer: 42 }])
})

t.test('stopping a server that is gone does nothing', async (t) => {
  const dataDir = await newDataDir(t)
  const server = await start(t, dataDir)
  process.kill(Number((await findPostmaster(dataDir))?.pid), 'SIGKILL')
  await server.stop()
  await server.stop()
  // The next start frees the shared memory that the killed server left.
  await start(t, dataDir)
})

t.test('a first start that was killed half-way is done again', async (t) => {
  const dataDir = await newDataDir(t)
  const child = spawnStarter(t, dataDir)
  await firstLine(child, /^making/)
  process.kill(-Number(child.pid), 'SIGKILL')
  await once(child, 'exit')
  const server = await start(t, dataDir)
  t.same(await readdir(dirname(dataDir)), ['data'])
  await query(server.connectionString, 'select')
})

t.test('data of another major version is left alone', async (t) => {
  const dataDir = await newDataDir(t)
  await mkdir(dataDir)
  await writeFile(join(dataDir, 'PG_VERSION'), '17\n')
  await t.rejects(startPostgres({ dataDir }), { message: /made by PostgreSQL 17 and this is 18: .*pg_dump/ })
  t.same(await readdir(dataDir), ['PG_VERSION'])
})

t.test('a directory with something else in it is left alone', async (t) => {
  const dataDir = await newDataDir(t)
  await mkdir(dataDir)
  await writeFile(join(dataDir, 'thesis.txt'), '')
  await t.rejects(startPostgres({ dataDir }), { message: /neither empty nor a PostgreSQL data directory/ })
})

t.test('for root it runs as another user', { skip: asRoot ? false : 'not root on Linux' }, async (t) => {
  t.test('without any capability where that user can enter the directory', async (t) => {
    const dataDir = await newDataDir(t)
    await chmod(dirname(dataDir), 0o755)
    await start(t, dataDir)
    const { uid, capabilities } = await statusOf((await findPostmaster(dataDir))?.pid)
    t.not(uid, 0)
    const enter = spawnSync('/bin/sh', ['-c', 'cd "$0"', dirname(programs().initdb)], { uid, gid: uid, cwd: '/' })
    if (enter.status === 0) t.equal(capabilities, 0n)
    else t.pass('', { skip: 'the clone itself lies where only root can enter' })
  })
  t.test('with one capability where only root can enter it', async (t) => {
    const dataDir = await newDataDir(t)
    await chmod(dirname(dataDir), 0o700)
    await start(t, dataDir)
    const { uid, capabilities } = await statusOf((await findPostmaster(dataDir))?.pid)
    t.not(uid, 0)
    t.equal(capabilities.toString(2).replaceAll('0', ''), '1')
  })
})

async function newDataDir(t: Test): Promise<string> {
  const directory = await mkdtemp(join(await fastDirectory(), 'pgbeat-postgres-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return join(directory, 'data')
}

async function start(t: Test, dataDir: string, options: Partial<PostgresOptions> = {}) {
  const server = await startPostgres({ dataDir, settings: { fsync: 'off' }, ...options })
  t.teardown(() => server.stop('immediate'))
  return server
}

async function query(connectionString: string, sql: string) {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

type Starter = ChildProcessByStdio<null, Readable, null>

/** In a process group of its own, as a command in a terminal has. */
function spawnStarter(t: Test, dataDir: string): Starter {
  const child = spawn(process.execPath, [starter, dataDir], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function firstLine(child: Starter, pattern: RegExp): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) if (pattern.test(line)) return line
  throw new Error(`no line like ${pattern}`)
}

async function occupy(t: Test, port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
}

async function statusOf(pid: number | undefined): Promise<{ uid: number; capabilities: bigint }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1]
  return { uid: Number(field('Uid')), capabilities: BigInt(`0x${field('CapEff')}`) }
}
