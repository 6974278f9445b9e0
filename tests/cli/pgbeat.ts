import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const pgbeat = fileURLToPath(new URL('../../bin/pgbeat', import.meta.url))

/** Runs a command to its end. */
export async function runPgbeat(args: string[], environment: Record<string, string> = {}, input = '') {
  const child = spawn(pgbeat, args, { env: { PATH: process.env.PATH, ...environment } })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  return { code, stdout, stderr }
}

/** Runs a command on a terminal of its own, 100 columns wide; answers all that the terminal was sent. */
export async function onTerminal(args: string[], environment: Record<string, string> = {}, input = '') {
  const line = [pgbeat, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const env = { PATH: process.env.PATH, TERM: 'xterm', TZ: 'UTC', SHELL: '/bin/sh', ...environment }
  const child = spawn('script', ['-qefc', `stty cols 100 -echo; ${line}`, '/dev/null'], { env })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const shown = (await text(child.stdout)).replaceAll('\r\n', '\n')
  const [code] = await exited
  return { code, shown }
}

/** The objects of JSON lines. */
// biome-ignore lint/suspicious/noExplicitAny: a command puts out whatever it does; tests match parts of it
export function jsonLines(text: string): any[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
