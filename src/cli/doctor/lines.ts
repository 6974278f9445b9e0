import { styleText } from 'node:util'
import type { Report } from '../../doctor/report.ts'

const colours = { pass: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const

/** A status word; in colour on a terminal, unless NO_COLOR is set. */
export function statusWord(status: keyof typeof colours): string {
  return styleText(colours[status], status, { stream: process.stdout })
}

/** A report for people: a line a check, and below it what to do. */
export function* linesOf({ checks }: Report): Generator<string> {
  const width = Math.max(...checks.map(({ name }) => name.length))
  for (const { name, status, message, action } of checks) {
    yield `${statusWord(status)}  ${name.padEnd(width)}  ${message}\n`
    if (action !== null) yield `      → ${action}\n`
  }
  const counts = (['fail', 'warn', 'pass', 'skip'] as const)
    .map((status) => [checks.filter((check) => check.status === status).length, status] as const)
    .filter(([count]) => count > 0)
  yield `\n${counts.map(([count, status]) => `${count} ${status}`).join(', ')}\n`
}
