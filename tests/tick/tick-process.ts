import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const program = fileURLToPath(new URL('../../bin/tick', import.meta.url))

export interface TickProcess {
  readonly child: ChildProcess
  /** Resolves with the first log line that has this message. */
  logged(message: string): Promise<Record<string, unknown>>
}

/** A tick as a process of its own, which can be frozen and killed. */
export function tickProcess(t: Pick<Test, 'teardown'>, connectionString: string): TickProcess {
  const { PGBEAT_TEST_SERVER, ...environment } = process.env
  const child = spawn(program, { env: { ...environment, DATABASE_URL: connectionString } })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: Record<string, unknown>[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(JSON.parse(line)))
  return {
    child,
    async logged(message) {
      for (;;) {
        const found = lines.find(({ msg }) => msg === message)
        if (found) return found
        await once(reader, 'line')
      }
    },
  }
}
