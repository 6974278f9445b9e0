import { type Plan, plan } from '../core/plan.ts'
import { lockUnplanned, type UnplannedRow, writePlans } from '../store/planning.ts'
import { step, type TickOptions } from './step.ts'

/** What is due must not wait for it. */
const batchSize = 1_000
const longestMs = 50

/** Gives schedules that are new, edited or resumed their next instant. */
export async function planBatch(options: TickOptions): Promise<boolean> {
  const plans = await step(options, async (trx) => {
    const plans = planAll(await lockUnplanned(trx, batchSize))
    if (plans.length > 0) await writePlans(trx, plans)
    return plans
  })
  if (plans.length === 0) return false
  const refused = plans.flatMap(({ id, name, error }) => (error === null ? [] : [{ id, name, error }]))
  options.events.emit('tick:planned', { planned: plans.length - refused.length, refused })
  return true
}

/** As many as there is time for; the others stay unplanned. */
function planAll(unplanned: readonly UnplannedRow[]) {
  const plans: ({ readonly id: string; readonly name: string } & Plan)[] = []
  const startedAt = performance.now()
  for (const row of unplanned) {
    if (performance.now() - startedAt > longestMs) break
    plans.push({ id: row.id, name: row.name, ...plan(row) })
  }
  return plans
}
