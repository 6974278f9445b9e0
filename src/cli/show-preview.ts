import { z } from 'zod'
import type { Config } from '../config/variables.ts'
import { requireUpcoming } from '../core/upcoming.ts'
import { instant } from '../http/fields/instant.ts'
import { plainWords } from '../plain-words/plain-words.ts'
import { readOptions } from './command.ts'
import { print } from './print.ts'

const optionsSchema = z.object({
  timezone: z.string().optional(),
  count: z.coerce.number().pipe(z.int().min(1).max(1_000)).default(10),
  after: instant.default(() => Date.now()),
})

/** Prints when an expression fires. @throws UsageError, TimetableError */
export async function showPreview(config: Config, cronExpression: string, values: unknown): Promise<void> {
  const { timezone = config.PGBEAT_TIMEZONE, count, after } = readOptions(optionsSchema, values)
  const timetable = { cronExpression, timezone, everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
  const next = requireUpcoming(timetable, after, count)
  await print([
    `${plainWords(timetable) ?? cronExpression} (${timezone})\n\n`,
    row('local', 'UTC', 'clock change'),
    ...next.map(({ at, local, clockChange }) => row(local, withoutMs(at), clockChange ?? '')),
  ])
}

function row(local: string, utc: string, clockChange: string): string {
  return `${`${local.padEnd(25)}  ${utc.padEnd(20)}  ${clockChange}`.trimEnd()}\n`
}

function withoutMs(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
