import { fail, pass } from '../../finding.ts'
import { readBounded } from '../../store/bounded-read.ts'
import { findOverdue, findUnplanned, mostSuspects, type Suspects } from '../../store/suspect-schedules.ts'
import type { Check } from '../check.ts'
import { ago, quantity } from '../phrases.ts'

/** A leader that is well fires and plans within milliseconds. */
const patienceMs = 10_000

/** Schedules that should have fired, or should have been planned. */
export const overdueSchedules: Check = {
  name: 'overdue-schedules',
  needs: 'schema',
  async look({ db }) {
    const [overdue, unplanned] = await readBounded(db, async (trx) => [
      await findOverdue(trx, patienceMs),
      await findUnplanned(trx, patienceMs),
    ])
    const faults = [...describe(overdue, 'overdue'), ...describe(unplanned, 'not planned since its last edit')]
    if (faults.length === 0) return pass(`none is due, or waits to be planned, for more than ${patienceMs / 1_000} s`)
    return fail(
      faults.join('; '),
      "see the check leader; if one leads, another session has the rows locked: select * from pg_stat_activity where state like 'idle in transaction%'",
    )
  },
}

function describe({ count, examples }: Suspects, fault: string): string[] {
  const [first] = examples
  if (first === undefined) return []
  const longest = `${first.name} for ${ago(first.seconds ?? 0)}`
  return [
    `${quantity(count, 'schedule', mostSuspects)} ${fault} for more than ${patienceMs / 1_000} s, such as ${longest}`,
  ]
}
