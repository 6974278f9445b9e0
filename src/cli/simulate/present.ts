import { localIso } from '../../core/local-time.ts'
import type { ScheduleToSimulate, SimulatedRun } from '../../store/simulated-schedules.ts'
import { type Style, styled } from '../output/style.ts'
import { type Column, table } from '../output/table.ts'
import { length } from '../output/times.ts'

/** What a simulation found; also its JSON. Instants are ISO 8601. */
export interface Simulation {
  readonly from: string
  readonly to: string
  /** Earlier than `to` when there were too many runs. */
  readonly simulated_until: string
  readonly runs: readonly Shown[]
  readonly schedules: readonly Summary[]
}

type Outcome = 'fired' | 'caught up' | 'skipped' | 'missed'

interface Shown {
  readonly schedule: string
  readonly scheduled_for: string
  /** What the clocks of its zone show then. */
  readonly local: string
  readonly outcome: Outcome
  readonly status: string
  readonly reason: string | null
  /** Missed: the first instant of the range, and how many there are. */
  readonly missed_since: string | null
  readonly missed_count: number | null
  readonly clock_change: string | null
  readonly attempts: number
  readonly started_at: string | null
  readonly finished_at: string | null
}

interface Summary {
  readonly schedule: string
  readonly fired: number
  readonly caught_up: number
  readonly skipped: number
  /** Instants, of which a run may cover many. */
  readonly missed: number
  /** Of those that were run. */
  readonly failed: number
  /** Why it fires nothing, or null. */
  readonly note: string | null
}

export function toShown(run: SimulatedRun, timezone: string): Shown {
  return {
    schedule: run.schedule_name,
    scheduled_for: run.scheduled_for.toISOString(),
    local: localIso(timezone, run.scheduled_for.getTime()),
    outcome: outcomeOf(run),
    status: run.status,
    reason: run.reason,
    missed_since: run.missed_since?.toISOString() ?? null,
    missed_count: run.missed_count,
    clock_change: run.clock_change,
    attempts: run.attempt,
    started_at: run.started_at?.toISOString() ?? null,
    finished_at: run.finished_at?.toISOString() ?? null,
  }
}

function outcomeOf({ status, origin }: SimulatedRun): Outcome {
  if (status === 'missed' || status === 'skipped') return status
  return origin === 'catch_up' ? 'caught up' : 'fired'
}

export function summarize(
  schedules: readonly ScheduleToSimulate[],
  runs: readonly Shown[],
  errors: ReadonlyMap<string, string>,
): Summary[] {
  const bySchedule = Map.groupBy(runs, ({ schedule }) => schedule)
  return schedules.map(({ id, name, enabled }) => {
    const own = bySchedule.get(name) ?? []
    const count = (outcome: Outcome) => own.filter((run) => run.outcome === outcome).length
    return {
      schedule: name,
      fired: count('fired'),
      caught_up: count('caught up'),
      skipped: count('skipped'),
      missed: own.reduce((total, { missed_count }) => total + (missed_count ?? 0), 0),
      failed: own.filter(({ status }) => status === 'failed').length,
      note: enabled ? (errors.get(id) ?? null) : 'paused',
    }
  })
}

const styles: Readonly<Record<Outcome, Style>> = {
  fired: 'green',
  'caught up': 'cyan',
  skipped: 'gray',
  missed: 'yellow',
}

const runColumns: readonly Column<Shown>[] = [
  { title: 'instant', text: ({ local }) => local },
  { title: 'schedule', text: ({ schedule }) => schedule, shrinks: true },
  { title: 'outcome', text: ({ outcome }) => outcome, style: ({ outcome }) => styles[outcome] },
  { title: 'began', text: beganOf },
  { title: 'what', text: whatOf, shrinks: true },
]

const summaryColumns: readonly Column<Summary>[] = [
  { title: 'schedule', text: ({ schedule }) => schedule, shrinks: true },
  { title: 'fired', text: ({ fired }) => String(fired), isRight: true },
  { title: 'caught up', text: ({ caught_up }) => String(caught_up), isRight: true },
  { title: 'skipped', text: ({ skipped }) => String(skipped), isRight: true },
  { title: 'missed', text: ({ missed }) => String(missed), isRight: true },
  { title: 'failed', text: ({ failed }) => String(failed), isRight: true },
  { title: '', text: ({ note }) => note ?? '', shrinks: true },
]

/** For people: what happened, instant by instant, and what came of each schedule. */
export async function* describe({ from, simulated_until, runs, schedules }: Simulation): AsyncGenerator<string, void> {
  yield* table(runs, runColumns)
  yield `${runs.length === 0 ? '' : '\n'}${styled('bold', `from ${from} to ${simulated_until}`)}\n`
  yield* table(schedules, summaryColumns)
}

/** `on time`, `5 min 0 s later`, be it for jitter or for waiting; a dash for what never began. */
function beganOf({ scheduled_for, started_at }: Shown): string {
  if (started_at === null) return '–'
  const lateMs = Date.parse(started_at) - Date.parse(scheduled_for)
  return lateMs <= 0 ? 'on time' : `${length(lateMs)} later`
}

function whatOf({ status, reason, missed_since, missed_count, clock_change, attempts, outcome }: Shown): string {
  const told = [
    ...(reason === null ? [] : [reason]),
    ...(missed_count !== null && missed_count > 1 ? [`${missed_count} instants since ${missed_since}`] : []),
    ...(clock_change === null ? [] : [`${clock_change}: clocks change`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(outcome === status || status === 'succeeded' ? [] : [status]),
  ]
  return told.join('; ')
}
