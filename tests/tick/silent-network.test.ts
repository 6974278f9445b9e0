import t, { type Test } from 'tap'
import { createEvents } from '../../src/events.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { Network } from '../cluster/network.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem } from '../support/system.ts'
import { firedTwice, inTheMiddleOfFiring, takenOver } from './failover.ts'

/** A tick that leads, and the network that it does it through. */
async function distantLeader(t: Test, system: System) {
  const network = await Network.start(system.connectionString)
  t.teardown(() => network.stop())
  const events = createEvents()
  const elected = nextEvent(events, 'leader:elected')
  const tick = runTick({ connectionString: network.connectionString, events })
  t.teardown(() => tick.stop())
  const { nodeId } = await elected
  return { network, events, nodeId }
}

t.test(
  'a leader whose network falls silent is replaced, notices, and stands by when the network is back',
  async (t) => {
    const system = await testSystem(t)
    const { network, events, nodeId } = await distantLeader(t, system)
    await inTheMiddleOfFiring(system)
    const left = nextEvent(events, 'leader:left')
    const failed = nextEvent(events, 'component:failed', ({ component }) => component === 'tick')
    network.silence()
    await takenOver(t, system, 'caught')
    await left
    t.match(await failed, { component: 'tick', error: { message: 'Query read timeout' } })
    const standing = () => system.pool.query('select from pgbeat.nodes where id = $1', [nodeId])
    await system.pool.query('delete from pgbeat.nodes where id = $1', [nodeId])
    network.restore()
    while ((await standing()).rowCount === 0) {}
    t.same(await firedTwice(system, 'caught'), [])
    t.match(await system.row('select term from pgbeat.leader'), { term: '2' })
  },
)

t.test('one that is alone leads again on another connection', async (t) => {
  const system = await testSystem(t)
  const { network, events } = await distantLeader(t, system)
  const again = nextEvent(events, 'leader:elected')
  const failed = nextEvent(events, 'component:failed', ({ component }) => component === 'tick')
  network.silence()
  await failed
  network.restore()
  t.equal((await again).term, 2)
})
