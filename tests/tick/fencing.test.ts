import t from 'tap'
import { createEvents } from '../../src/events.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { nextEvent } from '../support/events.ts'
import { startProcess } from '../support/process.ts'
import { testSystem } from '../support/system.ts'
import { everySecond, firedTwice, inTheMiddleOfFiring, takenOver } from './failover.ts'

t.test('a frozen leader loses its session to a standby, and steps down when it wakes', async (t) => {
  const system = await testSystem(t)
  const frozen = startProcess(t, 'tick', system.connectionString)
  await frozen.logged('this tick leads')
  frozen.freeze()
  const fenced = nextEvent(system.events, 'leader:fenced')
  await everySecond(system, 'after')
  await takenOver(t, system, 'after')
  await fenced
  frozen.thaw()
  t.match(await frozen.logged('failed, will try again'), { component: 'tick' })
  await frozen.logged('this tick leads no more')
  t.match(await system.row('select term from pgbeat.leader'), { term: '2' })
})

t.test('a leader that is frozen in the middle of firing holds nothing up, and fires nothing twice', async (t) => {
  const system = await testSystem(t)
  const frozen = startProcess(t, 'tick', system.connectionString)
  await frozen.logged('this tick leads')
  await inTheMiddleOfFiring(system)
  frozen.freeze()
  await takenOver(t, system, 'caught')
  frozen.thaw()
  await frozen.logged('this tick leads no more')
  t.same(await firedTwice(system, 'caught'), [])
})

t.test('a leader that is busy for long is left alone', async (t) => {
  const system = await testSystem(t)
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  await system.pool.query(`
    create function busy() returns trigger language plpgsql as $$ begin perform pg_sleep(7.5); return null; end $$;
    create trigger busy after insert on pgbeat.runs for each statement execute function busy()`)
  const events = createEvents()
  events.on('leader:fenced', () => t.fail('fenced'))
  const standby = runTick({ connectionString: system.connectionString, events })
  t.teardown(() => standby.stop())
  const fired = nextEvent(system.events, 'tick:fired')
  await system.pool.query(`insert into pgbeat.schedules (task_name, run_at) values ('echo', now())`)
  t.match(await fired, { jobs: 1 })
  t.match(await system.row('select term from pgbeat.leader'), { term: '1' })
})
