import t from 'tap'
import { backoffMs } from '../../src/core/backoff.ts'

t.test('waits longer after each attempt, up to a quarter of an hour', async (t) => {
  t.same(
    [1, 2, 3].map((attempt) => backoffMs(attempt, 0, null)),
    [5_000, 15_000, 45_000],
  )
  t.equal(backoffMs(40, 0, null), 900_000)
})

t.test('is shortened by up to a quarter at random', async (t) => {
  t.equal(backoffMs(1, 1, null), 3_750)
})

t.test('grows from another first pause, which may be longer than the usual longest', async (t) => {
  const pauses = (firstMs: number) => [1, 2, 3, 32_767].map((attempt) => backoffMs(attempt, 0, firstMs))
  t.same(pauses(60_000), [60_000, 180_000, 540_000, 900_000])
  t.same(pauses(900_000), [900_000, 900_000, 900_000, 900_000])
  t.same(pauses(7_200_000), [7_200_000, 7_200_000, 7_200_000, 7_200_000])
  t.same(pauses(0.4), [0, 1, 4, 900_000])
})
