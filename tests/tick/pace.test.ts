import t from 'tap'
import { Pace } from '../../src/tick/pace.ts'

const takes = (ms: number) => async () => {
  const until = performance.now() + ms
  while (performance.now() < until) {}
  return 'done'
}

t.test('after it was done it rests for as long as it took, and says when it can be done again', async (t) => {
  const pace = new Pace()
  t.equal(await pace.run(takes(200)), 'done')
  t.equal(pace.owedInMs, Number.POSITIVE_INFINITY, 'nothing came meanwhile')
  t.equal(await pace.run(takes(200)), undefined)
  t.ok(pace.owedInMs > 0 && pace.owedInMs <= 500, `${pace.owedInMs} ms`)
})

t.test('work that fails rests as well', async (t) => {
  const pace = new Pace()
  const fails = async () => {
    await takes(200)()
    throw new Error('no')
  }
  await t.rejects(pace.run(fails), { message: 'no' })
  t.equal(await pace.run(takes(1)), undefined)
})

t.test('however little it took, it rests for as long as it is given', async (t) => {
  const pace = new Pace({ leastRestMs: 10_000 })
  t.equal(await pace.run(takes(0)), 'done')
  t.equal(await pace.run(takes(0)), undefined)
  t.ok(pace.owedInMs > 9_000, `${pace.owedInMs} ms`)
})
