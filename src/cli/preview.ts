import { z } from 'zod'
import { requireUpcoming } from '../core/upcoming.ts'
import { instant } from '../http/fields/instant.ts'
import { plainWords } from '../plain-words/plain-words.ts'
import { command, readOptions } from './command.ts'
import { print } from './print.ts'

const optionsSchema = z.object({
  timezone: z.string().optional(),
  count: z.coerce.number().pipe(z.int().min(1).max(1_000)).default(10),
  after: instant.default(() => Date.now()),
})

export const preview = command({
  summary: 'show when a cron expression fires; needs no database',
  arguments: [{ name: 'expression', summary: 'in quotes: "30 9 * * 1-5"' }],
  flags: {
    timezone: { value: '<zone>', summary: 'IANA name; PGBEAT_TIMEZONE when left out' },
    count: { value: '<number>', summary: 'how many instants, up to 1000; 10 when left out' },
    after: { value: '<instant>', summary: 'those after this one instead of now' },
  },
  examples: ['preview "30 2 * * 1-5" --timezone America/New_York'],
  async run({ config, values, given: [cronExpression = ''] }) {
    const { timezone = config.PGBEAT_TIMEZONE, count, after } = readOptions(optionsSchema, values)
    const timetable = { cronExpression, timezone, everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
    const next = requireUpcoming(timetable, after, count)
    await print([
      `${plainWords(timetable) ?? cronExpression} (${timezone})\n\n`,
      row('local', 'UTC', 'clock change'),
      ...next.map(({ at, local, clockChange }) => row(local, withoutMs(at), clockChange ?? '')),
    ])
  },
})

function row(local: string, utc: string, clockChange: string): string {
  return `${`${local.padEnd(25)}  ${utc.padEnd(20)}  ${clockChange}`.trimEnd()}\n`
}

function withoutMs(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
