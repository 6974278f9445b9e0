import t, { type Test } from 'tap'
import { nextEvent } from '../support/events.ts'
import { startProcess } from '../support/process.ts'
import { type System, testSystem } from '../support/system.ts'

/** A leader as a process, a standby in this one, and a schedule for each second. */
async function leaderAndStandby(t: Test) {
  const system = await testSystem(t)
  const leader = startProcess(t, 'tick', system.connectionString)
  await leader.logged('this tick leads')
  system.startTick()
  const standing = `select count(*)::int as ticks from pgbeat.nodes where kind = 'tick'`
  while ((await system.row<{ ticks: number }>(standing)).ticks < 2) {}
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('second', 'echo', '* * * * * *')`,
  )
  while ((await system.pool.query('select from pgbeat.runs')).rowCount === 0) {}
  return { system, leader }
}

/** Resolves so many milliseconds before the next full second. */
async function shortlyBeforeTheNext(system: System, ms: number): Promise<void> {
  await system.pool.query(
    `select pg_sleep(mod(2 - ${ms}/1000.0 - mod(extract(epoch from clock_timestamp()), 1), 1)::float8)`,
  )
}

const gaps = `select scheduled_for from (
    select scheduled_for, scheduled_for - lag(scheduled_for) over (order by scheduled_for) as gap from pgbeat.runs
  ) runs where gap <> interval '1 s'`

t.test('a leader that is killed is replaced within 2 s', async (t) => {
  const { system, leader } = await leaderAndStandby(t)
  const elected = nextEvent(system.events, 'leader:elected')
  const fired = nextEvent(system.events, 'tick:fired')
  void leader.kill()
  const killedAt = performance.now()
  t.equal((await elected).term, 2)
  const tookMs = performance.now() - killedAt
  await fired
  t.ok(tookMs < 2_000, `elected after ${tookMs.toFixed(0)} ms`)
  t.same((await system.pool.query(gaps)).rows, [])
})

t.test('a leader that is told to stop hands over, and what is due meanwhile fires at once', async (t) => {
  const { system, leader } = await leaderAndStandby(t)
  const fired = nextEvent(system.events, 'tick:fired')
  await shortlyBeforeTheNext(system, 20)
  const exitCode = leader.stop()
  const { lateMs } = await fired
  t.ok(lateMs < 500, `fired ${lateMs.toFixed(0)} ms late`)
  t.equal(await exitCode, 0)
  t.same((await system.pool.query(gaps)).rows, [])
})
