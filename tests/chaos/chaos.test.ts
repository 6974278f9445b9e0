import t from 'tap'
import { Server } from '../cluster/server.ts'
import { experiment } from './experiment.ts'
import { faults as kinds } from './faults.ts'
import { planFaults } from './plan.ts'
import { describe } from './summary.ts'

t.setTimeout(300_000)

t.test('twenty faults: nothing is lost, doubled, early or unexplained', async (t) => {
  const host = await Server.create()
  t.teardown(() => host.remove())
  const outcome = await experiment({ host, faults: 20, seed: 1 })
  t.strictSame(describe(outcome), [])
  t.ok(outcome.verdict.due > 300, `${outcome.verdict.due} instants were due`)
  t.equal(
    Object.values(outcome.counts).reduce((sum, count) => sum + count, 0),
    20,
  )
  t.comment(outcome.counts)
})

t.test('the same seed plans the same faults', async (t) => {
  t.strictSame(planFaults(kinds, 200, 7), planFaults(kinds, 200, 7))
  t.notSame(planFaults(kinds, 200, 7), planFaults(kinds, 200, 8))
})
