import t from 'tap'
import { Assumptions } from '../../src/web/data/assumptions.ts'

t.test('what came true is shown until an answer knows of it', async (t) => {
  let drawn = 0
  const assumptions = new Assumptions<number>(() => drawn++)
  const answeredBefore = assumptions.asked()
  const end = assumptions.add((count) => count + 1)
  t.equal(drawn, 1)
  t.equal(assumptions.applyTo(1), 2)
  const answeredMeanwhile = assumptions.asked()
  end(true)
  answeredBefore()
  answeredMeanwhile()
  t.equal(assumptions.applyTo(5), 6, 'what was asked for before it ended need not know of it')
  assumptions.asked()()
  t.equal(assumptions.applyTo(6), 6)
})

t.test('what did not come true is taken back at once, and nothing else', async (t) => {
  let drawn = 0
  const assumptions = new Assumptions<number>(() => drawn++)
  const end = assumptions.add((count) => count + 1)
  assumptions.add((count) => count * 10)
  t.equal(assumptions.applyTo(1), 20)
  end(false)
  t.equal(drawn, 3)
  t.equal(assumptions.applyTo(1), 10)
})
