import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

type LogLine = Record<string, unknown>

/** A process that logs JSON lines. */
export interface Process {
  readonly child: ChildProcess
  /** Resolves with the first log line that has this message, or the first from `since` on (see `lines`). */
  logged(message: string, matches?: (line: LogLine) => boolean, since?: number): Promise<LogLine>
  /** How many lines it has logged so far. */
  readonly lines: number
  /** Sends a signal and answers the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Starts a program of ours, `bin/tick` for example, which is killed when the test is over. */
export function startProcess(
  t: Pick<Test, 'teardown'>,
  program: string,
  connectionString: string,
  environment: Record<string, string> = {},
): Process {
  const { PGBEAT_TEST_SERVER, ...inherited } = process.env
  const settings = { DATABASE_URL: connectionString, PGBEAT_PORT: '0', PGBEAT_LOG_LEVEL: 'debug', ...environment }
  const child = spawn(`${root}${program}`, {
    env: { ...inherited, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: LogLine[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(JSON.parse(line)))
  return {
    child,
    get lines() {
      return lines.length
    },
    async logged(message, matches = () => true, since = 0) {
      for (;;) {
        const found = lines.slice(since).find((line) => line.msg === message && matches(line))
        if (found) return found
        await once(reader, 'line')
      }
    },
    async stop(signal) {
      const exited = once(child, 'exit')
      child.kill(signal)
      return (await exited)[0]
    },
  }
}
