import type { History, ScheduleEvent } from './history.ts'
import { readDuration, readInstant } from './postgres-json.ts'
import { readCron, type Timetable } from './timetable.ts'

/** A stretch in which a schedule stayed as it was. */
export interface Period {
  /** Inclusive; an edit holds from its statement on. */
  readonly from: number
  /** Exclusive; infinity for what still holds. */
  readonly to: number
  readonly enabled: boolean
  /** Part of a pause that goes on: what it swallows is accounted for when it is over, or has another timetable. */
  readonly isPauseOpen: boolean
  readonly timetable: Timetable
  /** A time that had passed when somebody asked for it: due all the same. */
  readonly dueAtOnce: number | null
  readonly maxRuns: number
  readonly overlapPolicy: string
  readonly catchUp: string
  readonly hasCatchUpWindow: boolean
}

/** The periods of each schedule, deleted ones included, in their order. */
export function periodsOf(history: History): Map<string, Period[]> {
  const createdAt = new Map(history.schedules.map((schedule) => [schedule.id, schedule.createdAt]))
  const instants = Map.groupBy(
    history.runs.filter(({ origin, scheduledFor }) => origin !== 'manual' && Number.isInteger(scheduledFor)),
    (run) => run.scheduleId,
  )
  const events = Map.groupBy(
    history.events.filter(({ type }) => changing.has(type)),
    (event) => event.scheduleId,
  )
  return new Map(
    [...events].map(([id, events]) => {
      const ledger = (instants.get(id) ?? []).map((run) => run.scheduledFor)
      return [id, periodsOfSchedule(events, createdAt.get(id) ?? null, ledger)]
    }),
  )
}

const changing = new Set(['created', 'updated', 'paused', 'resumed', 'deleted'])

type Columns = Readonly<Record<string, unknown>>

/**
 * @param createdAt when the transaction began that made it; null = nobody knows any more, for it was deleted
 * @param ledger the instants that have rows
 */
function periodsOfSchedule(events: ScheduleEvent[], createdAt: number | null, ledger: readonly number[]): Period[] {
  const periods: Period[] = []
  let columns: Columns = {}
  for (const [index, event] of events.entries()) {
    columns = event.type === 'created' ? written(event) : { ...columns, ...written(event) }
    if (event.type === 'deleted') continue
    const isOfTheOneThatIs = !events.slice(index + 1).some(({ type }) => type === 'created')
    const created = isOfTheOneThatIs ? createdAt : null
    const from = event.type === 'created' ? (created ?? event.occurredAt) : event.occurredAt
    const to = events[index + 1]?.occurredAt ?? Number.POSITIVE_INFINITY
    const phase = ledger.filter((instant) => instant >= from && instant < to)
    const timetable = timetableOf(columns, created, from, phase)
    const enabled = columns.enabled === true
    const asked = 'run_at' in event.changes && 'runAt' in timetable.kind ? timetable.kind.runAt : null
    periods.push({
      from,
      to,
      enabled,
      isPauseOpen: !enabled && !events.slice(index + 1).some(endsPause),
      timetable,
      dueAtOnce: enabled && asked !== null && asked < from ? asked : null,
      maxRuns: typeof columns.max_runs === 'number' ? columns.max_runs : Number.POSITIVE_INFINITY,
      overlapPolicy: String(columns.overlap_policy),
      catchUp: String(columns.catch_up),
      hasCatchUpWindow: typeof columns.catch_up_window === 'string',
    })
  }
  return periods
}

const timetableColumns = ['cron_expression', 'every', 'run_at', 'timezone', 'starts_at', 'ends_at', 'max_runs']

function endsPause({ type, changes }: ScheduleEvent): boolean {
  return type === 'resumed' || type === 'deleted' || timetableColumns.some((column) => column in changes)
}

/** Columns that an event set; to null, where it has no `to`. */
function written({ changes }: ScheduleEvent): Columns {
  return Object.fromEntries(Object.entries(changes).map(([column, { to }]) => [column, to ?? null]))
}

function timetableOf(columns: Columns, created: number | null, from: number, ledger: readonly number[]): Timetable {
  if (columns.timezone !== 'UTC') throw new RangeError(`the checker knows UTC only, not ${columns.timezone}`)
  const { cron_expression: expression, every, run_at: runAt, starts_at: startsAt, ends_at: endsAt } = columns
  const bounds = {
    startsAt: typeof startsAt === 'string' ? Math.ceil(readInstant(startsAt)) : Number.NEGATIVE_INFINITY,
    endsAt: typeof endsAt === 'string' ? Math.floor(readInstant(endsAt)) : Number.POSITIVE_INFINITY,
  }
  if (typeof expression === 'string') return { kind: { cron: readCron(expression) }, ...bounds }
  if (typeof runAt === 'string') return { kind: { runAt: Math.ceil(readInstant(runAt)) }, ...bounds }
  const everyMs = readDuration(String(every))
  if (Number.isFinite(bounds.startsAt)) return { kind: { everyMs, first: bounds.startsAt }, ...bounds }
  const first = created === null ? phaseOf(ledger, everyMs, from) : Math.ceil(created) + everyMs
  return { kind: { everyMs, first }, ...bounds }
}

/**
 * What an interval is counted from goes with its schedule. All rows must agree about it, so the phase that most of them
 * have will do.
 */
function phaseOf(ledger: readonly number[], everyMs: number, from: number): number {
  const phases = Map.groupBy(ledger, (instant) => instant % everyMs)
  const [phase] = [...phases].sort(([, one], [, other]) => other.length - one.length)[0] ?? [Math.ceil(from) % everyMs]
  return phase + Math.ceil((from - phase) / everyMs) * everyMs
}
