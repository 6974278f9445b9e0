import t from 'tap'
import { leader } from '../../src/doctor/checks/leader.ts'
import { nextEvent } from '../support/events.ts'
import { startProcess } from '../support/process.ts'
import { testSystem } from '../support/system.ts'
import { lookAt } from './look-at.ts'

t.test('who leads is told, and whether somebody could take over', async (t) => {
  const system = await testSystem(t)
  const look = () => lookAt(leader, { DATABASE_URL: system.connectionString })
  t.match(await look(), { status: 'fail', message: 'nobody leads, so no schedule fires', action: /^start bin\/tick/ })
  const elected = nextEvent(system.events, 'leader:elected')
  const first = system.startTick()
  await elected
  t.match(await look(), { status: 'pass', message: /leads in term 1, .*no tick stands by/ })
  const standby = startProcess(t, 'tick', system.connectionString)
  const standing = `select from pgbeat.nodes where kind = 'tick' and pid = $1`
  while ((await system.pool.query(standing, [standby.pid])).rowCount === 0) {}
  t.match(await look(), { status: 'pass', message: /leads in term 1, last heartbeat \d\.\d s ago, 1 standing by$/ })
  const taken = standby.next('this tick leads')
  await first.stop()
  await taken
  t.match(await look(), { status: 'pass', message: new RegExp(`process ${standby.pid} leads in term 2`) })
})

t.test('a leader that was killed is missed', async (t) => {
  const system = await testSystem(t)
  const look = () => lookAt(leader, { DATABASE_URL: system.connectionString })
  const tick = startProcess(t, 'tick', system.connectionString)
  await tick.logged('this tick leads')
  await tick.kill()
  // As it is 7 s later.
  await system.pool.query(`
    update pgbeat.leader set heartbeat_at = heartbeat_at - interval '7 s';
    update pgbeat.nodes set heartbeat_at = heartbeat_at - interval '7 s'`)
  const message = new RegExp(`the leader of term 1 \\(.*process ${tick.pid}\\) has not been heard of for [78] s`)
  t.match(await look(), { status: 'fail', message, action: /^start bin\/tick/ })
  await system.pool.query(`update pgbeat.nodes set heartbeat_at = clock_timestamp()`)
  t.match(await look(), { status: 'fail', action: /^1 tick is alive and should lead/ })
})
