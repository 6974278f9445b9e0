import type { Test } from 'tap'
import { nextEvent } from '../support/events.ts'
import type { System } from '../support/system.ts'

export const everySecond = (system: System, name: string) =>
  system.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ($1, 'echo', '* * * * * *')`,
    [name],
  )

/** Resolves when the leader is in the middle of a transaction: it is firing and has the schedule locked. */
export async function inTheMiddleOfFiring(system: System): Promise<void> {
  await system.pool.query(`
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
    create trigger slow after insert on pgbeat.runs for each statement execute function slow()`)
  await everySecond(system, 'caught')
  const sleeping = `select from pg_stat_activity
    where wait_event = 'PgSleep' and application_name like 'pgbeat tick%' and datname = current_database()`
  while ((await system.pool.query(sleeping)).rowCount === 0) {}
}

export async function firedTwice(system: System, name: string): Promise<unknown[]> {
  const { rows } = await system.pool.query(
    'select scheduled_for from pgbeat.runs where schedule_name = $1 group by 1 having count(*) > 1',
    [name],
  )
  return rows
}

/** A standby that takes part from now on; it has fired within 10 s. */
export async function takenOver(t: Test, system: System, name: string): Promise<void> {
  const since = performance.now()
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  const fired = 'select from pgbeat.runs where schedule_name = $1'
  while ((await system.pool.query(fired, [name])).rowCount === 0) await nextEvent(system.events, 'tick:fired')
  const tookMs = performance.now() - since
  t.ok(tookMs < 10_000, `another one has fired after ${tookMs.toFixed(0)} ms`)
}
