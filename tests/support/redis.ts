import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

/** To be given to a test as `skip`: whether there is a Redis to test with. */
export const withoutRedis =
  spawnSync('redis-server', ['--version']).status === 0
    ? false
    : 'redis-server is not installed (apt-get install redis)'

export interface TestRedis {
  /** The same in each of its lives. */
  readonly url: string
  /** Ends it and waits for that; its port is free then. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it on the same port, once it is over; what it had is there again only if it is persistent. */
  restart(): Promise<void>
  /** Ends it, and forgets what it had. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a Redis that is gone when the test is over.
 * @param persistent whether every command is on disk before it is answered
 */
export async function startRedis(t: Pick<Test, 'teardown'>, { persistent = false } = {}): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'pgbeat-redis-'))
  const port = await freePort()
  const durability = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', ...durability]
  let child = await start(args)
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (!running.has(child)) return
    const gone = once(child, 'close')
    child.kill(signal)
    await gone
  }
  const stop = async () => {
    await kill()
    await rm(directory, { recursive: true, force: true })
  }
  t.teardown(stop)
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill()
      child = await start(args)
    },
    stop,
  }
}

async function start(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.once('close', () => running.delete(child))
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (!line.includes('Ready to accept connections')) continue
    child.stdout.resume()
    return child
  }
  throw new Error(`Redis did not start:\n${said.join('\n')}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
