import t from 'tap'
import { localIso } from '../../src/core/local-time.ts'
import { offsetsOf } from '../../src/core/time-zone.ts'
import { TimetableError } from '../../src/core/timetable-error.ts'

const at = (text: string) => Date.parse(text)

t.test('what clocks show, with the offset', async (t) => {
  for (const [timezone, instant, expected] of [
    ['UTC', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05+00:00'],
    ['Asia/Tokyo', '2025-12-31T15:00:00Z', '2026-01-01T00:00:00+09:00'],
    ['America/New_York', '2025-03-09T06:59:59Z', '2025-03-09T01:59:59-05:00'],
    ['America/New_York', '2025-03-09T07:00:00Z', '2025-03-09T03:00:00-04:00'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00.250Z', '2026-01-01T05:45:00.250+05:45'],
    ['Africa/Monrovia', '1970-01-01T00:44:30Z', '1970-01-01T00:00:00-00:44:30'],
    ['Pacific/Kiritimati', '9999-12-31T09:00:00Z', '9999-12-31T23:00:00+14:00'],
  ] as const) {
    t.equal(localIso(timezone, at(instant)), expected, timezone)
    t.equal(offsetsOf(timezone)(at(instant)), at(`${expected.slice(0, 19)}Z`) - Math.floor(at(instant) / 1_000) * 1_000)
  }
})

t.test('an unknown zone is a TimetableError', async (t) => {
  t.throws(() => localIso('FOO+3', 0), TimetableError)
})
