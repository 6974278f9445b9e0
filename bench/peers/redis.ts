import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Lends a Redis that keeps nothing on disk; answers undefined where the program `redis-server` is missing. */
export async function withRedis<Result>(use: (port: number) => Promise<Result>): Promise<Result | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'pgbeat-bench-redis-'))
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'close').catch(() => {})
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  try {
    if (!(await isReady(child.stdout))) return undefined
    return await use(port)
  } finally {
    process.off('exit', kill)
    kill()
    await gone
    await rm(directory, { recursive: true, force: true })
  }
}

async function isReady(output: NodeJS.ReadableStream): Promise<boolean> {
  for await (const line of createInterface({ input: output })) {
    if (!line.includes('Ready to accept connections')) continue
    output.resume()
    return true
  }
  return false
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('there is no free port')
  return address.port
}
