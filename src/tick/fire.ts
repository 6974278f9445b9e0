import { type Decision, decide } from '../core/decide.ts'
import { whyNot } from '../core/plan.ts'
import { type DueRow, fire, lockDue } from '../store/firing.ts'
import { writePlans } from '../store/planning.ts'
import { step, type TickOptions } from './step.ts'

/** How much one pass does; heartbeats must not wait for it, and what is on time not for what is late. */
const most = {
  'on time': { schedules: 5_000, decisionMs: 200 },
  late: { schedules: 500, decisionMs: 50 },
}

/** Fires one batch of due schedules, the earliest first. */
export async function fireBatch(options: TickOptions, which: keyof typeof most): Promise<boolean> {
  const batch = await step(options, async (trx) => {
    const { now, due } = await lockDue(trx, { late: which === 'late', limit: most[which].schedules })
    if (due.length === 0) return null
    const { decided, refused } = decideAll(due, now, most[which].decisionMs)
    if (refused.length > 0) await writePlans(trx, refused)
    const fired = await fire(trx, decided)
    const lateMs = now - (due[0] as DueRow).nextRunAt
    return { refused, fired: { ...fired, schedules: decided.length, lateMs, isLate: which === 'late' } }
  })
  if (batch === null) return false
  if (batch.refused.length > 0) options.events.emit('tick:planned', { planned: 0, refused: batch.refused })
  options.events.emit('tick:fired', batch.fired)
  return true
}

/**
 * Decides about as many of the due schedules as there is time for; the others stay due. One that was planned can still
 * turn out unreadable, with other time zone data for instance.
 */
function decideAll(due: readonly DueRow[], now: number, longestMs: number) {
  const decided: { id: string; decision: Decision }[] = []
  const refused: { id: string; name: string; error: string }[] = []
  const startedAt = performance.now()
  for (const schedule of due) {
    if (performance.now() - startedAt > longestMs) break
    try {
      decided.push({ id: schedule.id, decision: decide(schedule, now) })
    } catch (error) {
      refused.push({ id: schedule.id, name: schedule.name, error: whyNot(error).error })
    }
  }
  return { decided, refused }
}
