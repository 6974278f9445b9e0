import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseCrontab } from 'graphile-worker'
import t from 'tap'
import { fromCelery, fromVixie, whyNoTimetable } from '../../../src/cli/import/cron-rules.ts'
import { readGraphileCrontab } from '../../../src/cli/import/graphile-crontab.ts'
import { nextInstant } from '../../../src/core/timetable.ts'

function instants(cronExpression: string, after: string, count: number): string[] {
  const rest = { timezone: 'UTC', everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
  const found: string[] = []
  for (let at = Date.parse(after); found.length < count; ) {
    at = nextInstant({ ...rest, cronExpression }, at) ?? Number.NaN
    found.push(`${new Date(at).toISOString().slice(0, 16)}Z`)
  }
  return found
}

t.test('Celery itself says when its crontabs fire', (t) => {
  // Written by Celery 5.2.6: minute, hour, day of the month, month, day of the week, and what comes after 14:30:17.
  const lines = readFileSync(new URL('celery-5.2.6.tsv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  t.equal(lines.length, 12)
  for (const line of lines) {
    const [minute = '', hour = '', day = '', month = '', weekday = '', expected = ''] = line.split('\t')
    const expression = fromCelery([minute, hour, day, month, weekday])
    const wanted = expected.split(' ')
    t.same(instants(expression, '2026-11-22T14:30:17Z', wanted.length), wanted, `${line.slice(0, 30)} → ${expression}`)
  }
  t.end()
})

t.test('Vixie cron takes a day that begins with a star for one that is not given', (t) => {
  for (const [fields, expression] of [
    ['0 0 13 * 5', '0 0 13 * 5'],
    ['0 0 */2 * 5', '0 0 */2 * +5'],
    ['0 0 1-31 * 5', '0 0 1-31 * 5'],
    ['0 0 13 * */2', '0 0 13 * +*/2'],
    ['0 0 * * 1-5', '0 0 * * 1-5'],
    ['0 0 */2 * *', '0 0 */2 * *'],
  ] as const) {
    t.equal(fromVixie(fields.split(' ') as unknown as Parameters<typeof fromVixie>[0]), expression)
    t.equal(whyNoTimetable(expression, 'UTC'), null)
  }
  t.same(instants('0 0 13 * +*/2', '2026-11-22T00:00:00Z', 2), ['2026-12-13T00:00Z', '2027-02-13T00:00Z'])
  t.match(whyNoTimetable('0 0 31 2 *', 'UTC'), /0 0 31 2 \*/)
  t.match(whyNoTimetable('0 0 * * *', 'Mars/Olympus'), /Mars/)
  t.end()
})

const field = (min: number, max: number) => {
  const number = fc.integer({ min, max })
  const range = fc
    .tuple(number, number)
    .filter(([from, to]) => from < to)
    .map(([from, to]) => `${from}-${to}`)
  const part = fc.oneof(
    fc.constant('*'),
    number.map(String),
    range,
    fc.integer({ min: 1, max: 9 }).map((n) => `*/${n}`),
  )
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','))
}

t.test("graphile-worker's own matcher agrees with what its crontab becomes", (t) => {
  const fields = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  const days = fc.integer({ min: 0, max: 1_460 })
  const property = fc.property(fields, days, (fields, day) => {
    const line = `${fields.join(' ')} task`
    const [item] = parseCrontab(line)
    const { schedules } = readGraphileCrontab(line)
    const [schedule] = schedules
    // Both refuse what never comes.
    if (schedule === undefined) return
    const at = Date.UTC(2026, 0, 1 + day)
    const isDue = dueBy(String(schedule.fields.cron_expression))
    for (let hour = 0; hour < 24; hour += 5) {
      for (let min = 0; min < 60; min += 7) {
        const date = new Date(at + (hour * 60 + min) * 60_000)
        const digest = { min, hour, date: date.getUTCDate(), month: date.getUTCMonth() + 1, dow: date.getUTCDay() }
        const matches = typeof item?.match === 'function' && item.match(digest)
        if (matches !== isDue(date.getTime())) throw new Error(`${line} at ${date.toISOString()}`)
      }
    }
  })
  fc.assert(property, { numRuns: 200 })
  t.end()
})

function dueBy(cronExpression: string): (at: number) => boolean {
  const rest = { timezone: 'UTC', everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
  return (at) => nextInstant({ ...rest, cronExpression }, at - 1) === at
}
