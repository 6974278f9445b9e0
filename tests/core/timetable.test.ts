import { readFileSync } from 'node:fs'
import t from 'tap'
import { nextInstant, type Timetable } from '../../src/core/timetable.ts'
import { TimetableError } from '../../src/core/timetable-error.ts'
import { nothing } from '../support/timetable.ts'

const at = (text: string) => Date.parse(text)
const shown = (instant: number | null) => instant && new Date(instant).toISOString().replace(/:00\.000Z$/, 'Z')

function following(timetable: Timetable, after: number, count: number): (string | number | null)[] {
  const instants: (string | number | null)[] = []
  let last: number | null = after
  while (instants.length < count && last !== null) {
    last = nextInstant(timetable, last)
    instants.push(shown(last))
  }
  return instants
}

t.test('clock changes: the vectors', async (t) => {
  const lines = readFileSync(new URL('./dst.tsv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  t.ok(lines.length >= 10)
  for (const line of lines) {
    const [timezone = '', cronExpression = '', from = '', expected = ''] = line.split('\t')
    const instants = expected.split(' ')
    const found = following({ ...nothing, timezone, cronExpression }, at(from), instants.length)
    t.same(found, instants, `${cronExpression} in ${timezone} from ${from}`)
  }
})

t.test('what people bring from Quartz, Kubernetes and Spring', async (t) => {
  const from = at('2026-01-01T00:00:00Z')
  t.same(following({ ...nothing, cronExpression: '5/15 * * * *' }, from, 3), [
    '2026-01-01T00:05Z',
    '2026-01-01T00:20Z',
    '2026-01-01T00:35Z',
  ])
  t.same(following({ ...nothing, cronExpression: '0 0 ? * MON' }, from, 2), ['2026-01-05T00:00Z', '2026-01-12T00:00Z'])
  t.same(following({ ...nothing, cronExpression: '0 0 1 * ?' }, from, 2), ['2026-02-01T00:00Z', '2026-03-01T00:00Z'])
  t.equal(shown(nextInstant({ ...nothing, cronExpression: '@hourly' }, from)), '2026-01-01T01:00Z')
})

t.test('the result is strictly after the instant asked from, to the millisecond', async (t) => {
  const everySecond = { ...nothing, cronExpression: '* * * * * *' }
  t.equal(nextInstant(everySecond, 1_000), 2_000)
  t.equal(nextInstant(everySecond, 1_999), 2_000)
  t.equal(nextInstant(everySecond, 2_000), 3_000)
})

t.test('every is counted from its anchor', async (t) => {
  const every = { ...nothing, everyMs: 7_000, anchor: 1_000 }
  t.equal(nextInstant(every, 0), 1_000, 'the anchor itself is the first')
  t.equal(nextInstant(every, 1_000), 8_000)
  t.equal(nextInstant(every, 7_999), 8_000)
  t.equal(nextInstant(every, 1_000_000), 1_002_000)
})

t.test('once', async (t) => {
  t.equal(nextInstant({ ...nothing, runAt: 5_000 }, 4_999), 5_000)
  t.equal(nextInstant({ ...nothing, runAt: 5_000 }, 5_000), null)
})

t.test('starts_at and ends_at are inclusive', async (t) => {
  const bounded = { ...nothing, cronExpression: '* * * * *', startsAt: 120_000, endsAt: 240_000 }
  t.same(following(bounded, 0, 4), ['1970-01-01T00:02Z', '1970-01-01T00:03Z', '1970-01-01T00:04Z', null])
})

t.test('an expression that never fires has no next instant; a rare one has', async (t) => {
  t.equal(nextInstant({ ...nothing, cronExpression: '0 0 31 2 *' }, 0), null)
  t.equal(
    shown(nextInstant({ ...nothing, cronExpression: '0 0 29 2 *' }, at('2096-03-01T00:00Z'))),
    '2104-02-29T00:00Z',
  )
})

t.test("what can't be read says which field is wrong", async (t) => {
  const field = (timetable: Timetable) => {
    try {
      return nextInstant(timetable, 0)
    } catch (error) {
      return error instanceof TimetableError && error.field
    }
  }
  t.equal(field({ ...nothing, cronExpression: '99 * * * *' }), 'cron_expression')
  t.equal(field({ ...nothing, cronExpression: '* * * * *', timezone: 'FOO+3' }), 'timezone')
})
