import { nextInstant, type Timetable } from './timetable.ts'
import { TimetableError } from './timetable-error.ts'

/** A schedule without a next instant. Instants are Unix milliseconds. */
export interface UnplannedSchedule {
  readonly timetable: Timetable
  /** No instant before this one is due. */
  readonly activeSince: number
  /** The latest instant that is accounted for. */
  readonly lastRunAt: number | null
  readonly maxRuns: number | null
  readonly runCount: number
}

/** The schedule's next instant (null: it is finished), or why there can't be one. */
export type Plan =
  | { readonly nextRunAt: number | null; readonly error: null }
  | { readonly error: string; readonly field: TimetableError['field'] }

/** Finds the first instant of a schedule that is new, edited or resumed. Never throws: one bad row harms nobody else. */
export function plan({ timetable, activeSince, lastRunAt, maxRuns, runCount }: UnplannedSchedule): Plan {
  if (maxRuns !== null && runCount >= maxRuns) return { nextRunAt: null, error: null }
  const after = Math.max(activeSince - 1, lastRunAt ?? Number.NEGATIVE_INFINITY)
  try {
    const nextRunAt = nextInstant(timetable, after)
    if (nextRunAt === null) requireFiring(timetable, after)
    return { nextRunAt, error: null }
  } catch (error) {
    return whyNot(error)
  }
}

/** Whatever goes wrong with one schedule is kept with it. */
export function whyNot(error: unknown): { readonly error: string; readonly field: TimetableError['field'] } {
  if (error instanceof TimetableError) return { error: error.message, field: error.field }
  return { error: error instanceof Error ? error.message : String(error), field: 'cron_expression' }
}

/**
 * An expression that names no instant is a mistake; one that `endsAt` cuts off is finished.
 * @throws TimetableError for the mistake
 */
export function requireFiring(timetable: Timetable, after: number): void {
  const unbounded = { ...timetable, startsAt: null, endsAt: null }
  if (timetable.cronExpression !== null && nextInstant(unbounded, after) === null) {
    throw new TimetableError('cron_expression', 'it never fires again')
  }
}
