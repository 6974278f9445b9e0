import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

/** To be given to a test as `skip`: whether there is a PgBouncer to test with. */
export const withoutPgBouncer =
  spawnSync('pgbouncer', ['--version']).status === 0 ? false : 'pgbouncer is not installed (apt-get install pgbouncer)'

/** Starts a PgBouncer in front of a server; answers how to connect through it. */
export async function startPgBouncer(
  t: Pick<Test, 'teardown'>,
  connectionString: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const server = new URL(connectionString)
  const directory = await mkdtemp(join(tmpdir(), 'pgbeat-pgbouncer-'))
  // As root it runs as somebody else, who has to be able to read this.
  await chmod(directory, 0o755)
  const port = await freePort()
  const file = join(directory, 'pgbouncer.ini')
  const all = { listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any', ...settings }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`)
  const target = `host=${server.hostname} port=${server.port} user=${server.username} password=${server.password}`
  await writeFile(file, `[databases]\n* = ${target}\n[pgbouncer]\n${lines.join('')}`)
  const asOther = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn('pgbouncer', [...asOther, file], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(async () => {
    await end(child)
    await rm(directory, { recursive: true })
  })
  const said: string[] = []
  for await (const line of createInterface(child.stderr)) {
    said.push(line)
    if (line.includes('process up')) break
  }
  if (child.exitCode !== null) throw new Error(`PgBouncer did not start:\n${said.join('\n')}`)
  child.stderr.resume()
  const url = new URL(connectionString)
  url.host = `127.0.0.1:${port}`
  return url.href
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
