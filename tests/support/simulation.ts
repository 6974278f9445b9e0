import type { Test } from 'tap'
import type { Task } from '../../src/task.ts'
import { type ManualScheduler, manualScheduler, type SettableClock, settableClock } from '../../src/testing.ts'
import { type System, testSystem } from './system.ts'

export interface Simulation extends System {
  readonly clock: SettableClock
  readonly scheduler: ManualScheduler
  /** Runs a statement and answers its rows. */
  // biome-ignore lint/suspicious/noExplicitAny: rows are whatever the statement selects; tests match them
  sql(text: string, values?: unknown[]): Promise<any[]>
  /** All runs by their instants, each as one line: minute, status, reason, and what it covers. */
  ledger(): Promise<string[]>
}

/** A database whose clock stands at an instant, and a scheduler that is run by hand. */
export async function simulation(
  t: Pick<Test, 'teardown'>,
  at: string,
  options: { readonly tasks?: readonly Task[] } = {},
): Promise<Simulation> {
  const system = await testSystem(t)
  const { connectionString, pool, events } = system
  const clock = await settableClock({ connectionString, at })
  const scheduler = await manualScheduler({ connectionString, clock, events, ...options })
  t.teardown(async () => {
    await scheduler.close()
    await clock.restore()
  })
  return {
    ...system,
    clock,
    scheduler,
    async sql(text, values) {
      const result = await pool.query(text, values)
      return result.rows
    },
    async ledger() {
      const { rows } = await pool.query<{ line: string }>(ledgerLines)
      return rows.map(({ line }) => line)
    },
  }
}

const ledgerLines = `
  select concat_ws(' ',
    case when missed_since < scheduled_for then to_char(missed_since at time zone 'UTC', 'DD HH24:MI') || ' to' end,
    to_char(scheduled_for at time zone 'UTC', 'DD HH24:MI'),
    nullif(origin, 'schedule'), status, reason, case when status = 'missed' then missed_count end, clock_change) as line
  from pgbeat.runs order by scheduled_for`
