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
  const creations = Map.groupBy(history.creations, (creation) => creation.scheduleId)
  const events = Map.groupBy(
    history.events.filter(({ type }) => changing.has(type)),
    (event) => event.scheduleId,
  )
  return new Map(
    [...events].map(([id, events]) => {
      const begun = (creations.get(id) ?? []).map(({ at }) => at)
      return [id, periodsOfSchedule(events, begun)]
    }),
  )
}

const changing = new Set(['created', 'updated', 'paused', 'resumed', 'deleted'])

type Columns = Readonly<Record<string, unknown>>

/** @param begun when it was made; more than once, if it was deleted and made again under its old id */
function periodsOfSchedule(events: readonly ScheduleEvent[], begun: readonly number[]): Period[] {
  const periods: Period[] = []
  let columns: Columns = {}
  for (const [index, event] of events.entries()) {
    columns = event.type === 'created' ? written(event) : { ...columns, ...written(event) }
    if (event.type === 'deleted') continue
    const createdAt = begun.findLast((at) => at <= event.occurredAt)
    if (createdAt === undefined) throw new RangeError(`nobody noted when ${event.scheduleName} was made`)
    const from = event.type === 'created' ? createdAt : event.occurredAt
    const to = events[index + 1]?.occurredAt ?? Number.POSITIVE_INFINITY
    const timetable = timetableOf(columns, createdAt)
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

function timetableOf(columns: Columns, createdAt: number): Timetable {
  if (columns.timezone !== 'UTC') throw new RangeError(`the checker knows UTC only, not ${columns.timezone}`)
  const { cron_expression: expression, every, run_at: runAt, starts_at: startsAt, ends_at: endsAt } = columns
  const bounds = {
    startsAt: typeof startsAt === 'string' ? Math.ceil(readInstant(startsAt)) : Number.NEGATIVE_INFINITY,
    endsAt: typeof endsAt === 'string' ? Math.floor(readInstant(endsAt)) : Number.POSITIVE_INFINITY,
  }
  if (typeof expression === 'string') return { kind: { cron: readCron(expression) }, ...bounds }
  if (typeof runAt === 'string') return { kind: { runAt: Math.ceil(readInstant(runAt)) }, ...bounds }
  const everyMs = readDuration(String(every))
  const first = Number.isFinite(bounds.startsAt) ? bounds.startsAt : Math.ceil(createdAt) + everyMs
  return { kind: { everyMs, first }, ...bounds }
}
