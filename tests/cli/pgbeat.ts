import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const pgbeat = fileURLToPath(new URL('../../bin/pgbeat', import.meta.url))

/** Runs a command to its end. */
export async function runPgbeat(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(pgbeat, args, { env: { PATH: process.env.PATH, ...environment } })
  const exited = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  return { code, stdout, stderr }
}
