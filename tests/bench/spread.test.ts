import t from 'tap'
import { percentiles } from '../../bench/percentiles.ts'
import { figure, spread, spreadText } from '../../bench/support/spread.ts'

t.test('the median of an even number of rounds lies between the two in the middle', async (t) => {
  t.same(spread([40, 10, 30, 20]), { median: 25, min: 10, max: 40 })
  t.same(spread([3, 1, 2]), { median: 2, min: 1, max: 3 })
  t.throws(() => spread([]), /nothing was measured/)
})

t.test('figures have three digits', async (t) => {
  t.same([0.1234, 1.234, 12.34, 123.4, 12_345.6].map(figure), ['0.12', '1.23', '12.3', '123', '12,346'])
  t.equal(spreadText({ median: 25, min: 10.04, max: 400 }), '25 (10–400)')
})

t.test('a percentile is a value that was measured, at or above that share', async (t) => {
  const durations = Array.from({ length: 200 }, (_, index) => 200 - index)
  t.same(percentiles(durations), { n: 200, p50: 100, p95: 190, p99: 198, max: 200 })
  t.same(percentiles([7]), { n: 1, p50: 7, p95: 7, p99: 7, max: 7 })
})
