import type { History } from './history.ts'
import { type Period, periodsOf } from './periods.ts'
import { instantsOf } from './timetable.ts'

/** What the timetables of a schedule ask of the ledger. */
export interface Due {
  readonly periods: readonly Period[]
  /** Each instant that must be accounted for, with the period that named it; in their order. */
  readonly instants: ReadonlyMap<number, Period>
}

/** What was due by `until`, for each schedule. */
export function dueBy(history: History, until: number): Map<string, Due> {
  const fired = Map.groupBy(
    history.runs.filter(({ origin, status }) => origin !== 'manual' && status !== 'skipped' && status !== 'missed'),
    (run) => run.scheduleId,
  )
  const due = new Map<string, Due>()
  for (const [id, periods] of periodsOf(history)) {
    const firings = (fired.get(id) ?? []).map((run) => run.scheduledFor)
    const instants = new Map<number, Period>()
    for (const period of periods) {
      for (const instant of dueIn(period, firings, until)) instants.set(instant, period)
    }
    due.set(id, { periods, instants: new Map([...instants].sort(([one], [other]) => one - other)) })
  }
  return due
}

/** Whether a timetable names an instant at any time, as a backfill asks. */
export function isNamed({ timetable }: Period, instant: number): boolean {
  return instantsOf(timetable, instant, instant + 1).includes(instant)
}

function dueIn(period: Period, firings: readonly number[], until: number): number[] {
  if (period.isPauseOpen) return []
  // After as many firings as it may have a schedule is finished.
  const lastFiring = firings[period.maxRuns - 1] ?? Number.POSITIVE_INFINITY
  const end = Math.min(period.to, Math.floor(until) + 1, lastFiring + 1)
  const { dueAtOnce } = period
  const atOnce = dueAtOnce !== null && dueAtOnce < end ? [dueAtOnce] : []
  return [...atOnce, ...instantsOf(period.timetable, period.from, end)]
}
