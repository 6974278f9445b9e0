import { plan } from '../core/plan.ts'
import { lockUnplanned, writePlans } from '../store/planning.ts'
import { step, type TickOptions } from './step.ts'

const batchSize = 5_000

/** Gives schedules that are new, edited or resumed their next instant. */
export async function planBatch(options: TickOptions): Promise<boolean> {
  const plans = await step(options, async (trx) => {
    const unplanned = await lockUnplanned(trx, batchSize)
    const plans = unplanned.map((row) => ({ id: row.id, name: row.name, ...plan(row) }))
    if (plans.length > 0) await writePlans(trx, plans)
    return plans
  })
  if (plans.length === 0) return false
  const refused = plans.flatMap(({ id, name, error }) => (error === null ? [] : [{ id, name, error }]))
  options.events.emit('tick:planned', { planned: plans.length - refused.length, refused })
  return true
}
