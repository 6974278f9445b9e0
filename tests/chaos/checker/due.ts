import type { History, Run } from './history.ts'
import { type Period, periodsOf } from './periods.ts'
import { instantsOf } from './timetable.ts'

/** What the timetables of a schedule ask of the ledger. */
export interface Due {
  readonly periods: readonly Period[]
  /** Each instant that was due, with the period that named it; in their order. */
  readonly instants: ReadonlyMap<number, Period>
  /**
   * Those of them that may have come after the last firing of a schedule with `max_runs`: of a run that somebody had run
   * again nobody can tell any more whether it counted.
   */
  readonly doubtful: ReadonlySet<number>
}

/** What was due by `until`, for each schedule. */
export function dueBy(history: History, until: number): Map<string, Due> {
  const retried = new Set(
    history.events.filter(({ type }) => type === 'retried').map(({ changes }) => String(changes.run_id?.to)),
  )
  const isCounted = ({ origin, status }: Run) => origin !== 'manual' && status !== 'skipped' && status !== 'missed'
  const runsOf = Map.groupBy(history.runs.filter(isCounted), (run) => run.scheduleId)
  const due = new Map<string, Due>()
  for (const [id, periods] of periodsOf(history)) {
    const firings = runsOf.get(id) ?? []
    const sure = firings.filter(({ id, origin }) => origin !== 'backfill' && !retried.has(id)).map(instantOf)
    const possible = firings.map(instantOf)
    const instants: [number, Period][] = []
    const doubtful = new Set<number>()
    for (const period of periods) {
      const demandedUntil = possible[period.maxRuns - 1] ?? Number.POSITIVE_INFINITY
      for (const instant of dueIn(period, sure[period.maxRuns - 1] ?? Number.POSITIVE_INFINITY, until)) {
        instants.push([instant, period])
        if (instant > demandedUntil) doubtful.add(instant)
      }
    }
    due.set(id, { periods, instants: new Map(instants.sort(([one], [other]) => one - other)), doubtful })
  }
  return due
}

const instantOf = ({ scheduledFor }: Run) => scheduledFor

/** Whether a timetable names an instant at any time, as a backfill asks. */
export function isNamed({ timetable }: Period, instant: number): boolean {
  return instantsOf(timetable, instant, instant + 1).includes(instant)
}

/** @param lastFiring after it the schedule is finished */
function dueIn({ from, to, isPauseOpen, timetable, dueAtOnce }: Period, lastFiring: number, until: number): number[] {
  if (isPauseOpen) return []
  const end = Math.min(to, Math.floor(until) + 1, lastFiring + 1)
  const atOnce = dueAtOnce === null ? [] : instantsOf(timetable, dueAtOnce, Math.min(end, dueAtOnce + 1))
  return [...atOnce, ...instantsOf(timetable, from, end)]
}
