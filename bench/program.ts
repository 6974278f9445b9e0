import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a program logs, a JSON object a line. */
type LogLine = Readonly<Record<string, unknown>>

/** Starts `bin/<name>` on a database and waits for the line that says it is up. */
export async function startProgram(
  name: 'tick' | 'worker' | 'api',
  env: Readonly<Record<string, string>>,
  isUp: (line: LogLine) => boolean,
): Promise<{ line: LogLine; stop(): Promise<void> }> {
  const program = fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
  const child = spawn(program, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text)
    if (!isUp(line)) continue
    child.stdout.resume()
    return { line, stop: () => stop(child) }
  }
  throw new Error(`${name} did not start`)
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}
