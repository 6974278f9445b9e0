import t from 'tap'
import { Server } from '../cluster/server.ts'
import { experiment } from './experiment.ts'
import { faults as kinds } from './faults.ts'
import { planFaults } from './plan.ts'
import { describe } from './summary.ts'

t.test('twenty faults: nothing is lost, doubled, early or unexplained', { timeout: 300_000 }, async (t) => {
  const host = await Server.create()
  t.teardown(() => host.remove())
  const { verdict, counts, failoverMs } = await experiment({ host, faults: 20, seed: 1 })
  t.strictSame(describe(verdict), [])
  t.ok(verdict.due > 300, `${verdict.due} instants were due`)
  t.ok(failoverMs.length > 0, 'a leader was replaced')
  t.comment(counts)
})

t.test('the same seed plans the same faults', async (t) => {
  t.strictSame(planFaults(kinds, 200, 7), planFaults(kinds, 200, 7))
  t.notSame(planFaults(kinds, 200, 7), planFaults(kinds, 200, 8))
})
