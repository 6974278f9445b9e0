import fc from 'fast-check'
import t from 'tap'
import { stretchesBefore } from '../../src/core/stretch.ts'

t.test('stretches go back in days, the newest first, ever further', async (t) => {
  const day = (month: number, date: number) => Date.UTC(2030, month - 1, date)
  t.same(stretchesBefore(Date.UTC(2030, 5, 15, 12)), [
    { since: day(6, 8), until: null },
    { since: day(5, 7), until: day(6, 8) },
    { since: Date.UTC(2029, 11, 30), until: day(5, 7) },
    { since: null, until: Date.UTC(2029, 11, 30) },
  ])
})

t.test('every instant is in one of them', async () => {
  const instant = fc.integer({ min: 0, max: Date.UTC(9999, 0, 1) })
  fc.assert(
    fc.property(instant, instant, (anchor, at) => {
      const within = stretchesBefore(anchor).filter(
        ({ since, until }) => (since === null || at >= since) && (until === null || at < until),
      )
      return within.length === 1
    }),
  )
})
