import { decide } from '../core/decide.ts'
import { whyNot } from '../core/plan.ts'
import type { DueRow } from '../store/due-schedules.ts'
import type { DecidedSchedule } from '../store/firing.ts'

/** How much one batch is. */
export interface Size {
  readonly schedules: number
  /** One schedule may have many instants, and one batch one schedule more than fits. */
  readonly runs: number
  readonly decisionMs: number
}

/**
 * Decides about as many of the due schedules as there is room and time for; the others stay due. One that was planned can
 * still turn out unreadable, with other time zone data for instance.
 */
export function decideBatch(due: readonly DueRow[], now: number, { runs: mostRuns, decisionMs }: Size) {
  const decided: DecidedSchedule[] = []
  const refused: { id: string; name: string; error: string }[] = []
  let runs = 0
  const until = performance.now() + decisionMs
  for (const schedule of due) {
    if (runs >= mostRuns || performance.now() > until) break
    try {
      const decision = decide(schedule, now)
      runs += decision.runs.length
      decided.push({ id: schedule.id, place: schedule.place, decision })
    } catch (error) {
      refused.push({ id: schedule.id, name: schedule.name, error: whyNot(error).error })
    }
  }
  return { decided, refused }
}
