// What the ledger must hold, worked out from nothing but what was done to the schedules and when.

import { nextInstant, type Timetable } from '../../src/core/timetable.ts'

/** A stretch in which a schedule had one timetable and was either enabled or paused. */
interface Life {
  readonly timetable: Timetable
  readonly isPaused: boolean
  /** Inclusive, Unix milliseconds. */
  readonly from: number
  /** Exclusive; null while it goes on. */
  to: number | null
}

export interface ModelSchedule {
  readonly id: string
  readonly name: string
  readonly lives: Life[]
  isDeleted: boolean
}

export interface LedgerRow {
  readonly schedule_id: string
  readonly at: number
  readonly since: number | null
  readonly count: number | null
  readonly status: string
  readonly origin: string
}

export function current({ lives }: ModelSchedule): Life {
  return lives.at(-1) as Life
}

export function begin(schedule: ModelSchedule, at: number, life: Pick<Life, 'timetable' | 'isPaused'>): void {
  end(schedule, at)
  schedule.lives.push({ ...life, from: at, to: null })
}

export function end({ lives }: ModelSchedule, at: number): void {
  const last = lives.at(-1)
  if (last !== undefined) last.to = at
}

/**
 * What is wrong with the rows of a schedule; nothing, one hopes.
 * @param isUpToDate whether the leader has had the time to account for everything
 */
export function faults(
  schedule: ModelSchedule,
  rows: readonly LedgerRow[],
  now: number,
  isUpToDate: boolean,
): string[] {
  const own = rows.filter(({ schedule_id: id, origin }) => id === schedule.id && origin !== 'manual')
  const due = schedule.lives.flatMap((life) => dueInstants(life, now))
  const mustBeThere = isUpToDate
    ? schedule.lives.filter((life) => !(life.isPaused && life.to === null)).flatMap((life) => dueInstants(life, now))
    : []
  return [
    ...mustBeThere.filter((at) => covering(schedule, own, at).length === 0).map((at) => `${iso(at)} is in no row`),
    ...due.filter((at) => covering(schedule, own, at).length > 1).map((at) => `${iso(at)} is in several rows`),
    ...own
      .filter((row) => row.origin !== 'backfill' && !isNamed(schedule, row))
      .map((row) => `${iso(row.at)} is no instant`),
    ...own
      .filter((row) => row.status === 'missed' && row.count !== countOf(schedule, own, row))
      .map((row) => `${iso(row.at)} counts ${row.count} instead of ${countOf(schedule, own, row)}`),
  ]
}

function dueInstants({ timetable, from, to }: Life, now: number): number[] {
  return instantsBetween(timetable, from, to === null ? now : Math.min(to - 1, now))
}

function instantsBetween(timetable: Timetable, from: number, upTo: number): number[] {
  const instants: number[] = []
  for (let at = nextInstant(timetable, from - 1); at !== null && at <= upTo; at = nextInstant(timetable, at)) {
    instants.push(at)
  }
  return instants
}

/**
 * A backfilled instant may lie within a range of an earlier timetable, which names other instants that nobody knows any
 * more.
 */
function covering(schedule: ModelSchedule, rows: readonly LedgerRow[], at: number): LedgerRow[] {
  const single = rows.filter((row) => row.at === at)
  const isBackfilled = single.some(({ origin }) => origin === 'backfill')
  const ranges = rows.filter(
    ({ at: last, since }) =>
      since !== null && since <= at && at < last && !(isBackfilled && isOfEarlierTimetable(schedule, since)),
  )
  return [...single, ...ranges]
}

function isOfEarlierTimetable(schedule: ModelSchedule, at: number): boolean {
  const { timetable } = current(schedule)
  const since = schedule.lives.findLast((life) => life.timetable !== timetable)?.to
  return at < (since ?? Number.NEGATIVE_INFINITY)
}

/** Rows begin and end at instants; a range of an earlier timetable can have made way by a microsecond. */
function isNamed({ lives }: ModelSchedule, { at, since }: LedgerRow): boolean {
  return [Math.ceil(at), since ?? at].every((instant) =>
    lives.some(
      ({ timetable, from, to }) =>
        instant >= from && instant <= (to ?? instant) && nextInstant(timetable, instant - 1) === instant,
    ),
  )
}

function countOf(schedule: ModelSchedule, rows: readonly LedgerRow[], { at, since }: LedgerRow): number {
  const first = since ?? at
  const life = schedule.lives.find(({ from, to }) => first >= from && first < (to ?? Number.POSITIVE_INFINITY))
  if (life === undefined) return Number.NaN
  const counts = isOfEarlierTimetable(schedule, first) ? (row: LedgerRow) => row.origin !== 'backfill' : () => true
  const others = new Set(rows.filter((row) => row.at !== at && counts(row)).map((row) => row.at))
  return instantsBetween(life.timetable, first, at).filter((instant) => !others.has(instant)).length
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
