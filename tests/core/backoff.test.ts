import t from 'tap'
import { backoffMs } from '../../src/core/backoff.ts'

t.test('waits longer after each attempt, up to a quarter of an hour', async (t) => {
  t.same(
    [1, 2, 3].map((attempt) => backoffMs(attempt, 0)),
    [5_000, 15_000, 45_000],
  )
  t.equal(backoffMs(40, 0), 900_000)
})

t.test('is shortened by up to a quarter at random', async (t) => {
  t.equal(backoffMs(1, 1), 3_750)
})
