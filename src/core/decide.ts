import { type ClockChange, clockChange } from './clock-change.ts'
import { jitterOf } from './jitter.ts'
import { previousInstant } from './previous-instant.ts'
import { nextInstant, type Timetable } from './timetable.ts'

export const overlapPolicies = ['skip', 'queue', 'allow', 'replace'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]
export const catchUps = ['none', 'latest', 'all'] as const
export type CatchUp = (typeof catchUps)[number]

/** A schedule that is due, with what the decision depends on. Instants are Unix milliseconds. */
export interface DueSchedule {
  readonly id: string
  readonly timetable: Timetable
  /** The first instant that is not accounted for yet; at or before now. */
  readonly nextRunAt: number
  readonly maxRuns: number | null
  readonly runCount: number
  readonly jitterMs: number
  readonly overlapPolicy: OverlapPolicy
  readonly catchUp: CatchUp
  readonly catchUpWindowMs: number | null
  /** Whether an earlier run is still waiting, queued, running or between attempts. Those of backfills don't count. */
  readonly hasActiveRun: boolean
}

/** What becomes of one instant, or of a range of missed ones. */
export interface DecidedRun {
  readonly scheduledFor: number
  readonly origin: 'schedule' | 'catch_up'
  readonly status: 'queued' | 'waiting' | 'skipped' | 'missed'
  readonly reason: string | null
  /** Missed: the first instant of the range; `scheduledFor` is the last. */
  readonly missedSince: number | null
  readonly missedCount: number | null
  /** Milliseconds by which its job starts later than the instant. */
  readonly jitterMs: number
  readonly clockChange: ClockChange | null
}

/** Missed instants that are too many to count now. */
interface Lapse {
  readonly since: number
  /** Exclusive. */
  readonly until: number
  /** The last instant of it. */
  readonly last: number
  readonly reason: string
}

export interface Decision {
  readonly runs: readonly DecidedRun[]
  readonly lapse: Lapse | null
  /** The first instant after those decided; null = there is none, the schedule is finished. */
  readonly nextRunAt: number | null
}

/** An instant that is later than this was missed, and `catchUp` decides about it. */
export const missedAfterMs = 60_000

// Bounds one pass; what is left is still due in the next one.
const mostInstants = 1_000

/**
 * Decides about the instants of a schedule from `nextRunAt` up to `now`.
 * @throws TimetableError when the timetable can't be read
 */
export function decide(schedule: DueSchedule, now: number): Decision {
  const { instants, next } = instantsUpTo(schedule, now)
  const isBacklog = next !== null && next <= now
  return (isBacklog && decideBacklog(schedule, now)) || decideEach(schedule, instants, next, now)
}

/** How many of the decided runs count towards `max_runs`. */
export function firedCount(decision: Decision): number {
  return decision.runs.filter(({ status }) => status === 'queued' || status === 'waiting').length
}

/** The last instant that a decision accounts for. */
export function lastDecided({ runs, lapse }: Decision): number | null {
  return runs.at(-1)?.scheduledFor ?? lapse?.last ?? null
}

function instantsUpTo(schedule: DueSchedule, now: number): { instants: number[]; next: number | null } {
  const instants: number[] = []
  let next: number | null = schedule.nextRunAt
  while (next !== null && next <= now && instants.length < mostInstants) {
    instants.push(next)
    next = nextInstant(schedule.timetable, next)
  }
  return { instants, next }
}

/**
 * More instants than one pass decides: what is not run of them becomes a lapse, which is counted later, so that the
 * schedule is up to date at once. Answers null when they are to be run from the first one on.
 */
function decideBacklog(schedule: DueSchedule, now: number): Decision | null {
  const { timetable, nextRunAt, catchUp } = schedule
  const windowStart = windowStartOf(schedule, now)
  const onTime = nextInstant(timetable, now - missedAfterMs - 1)
  let first = onTime
  let reason = catchUp === 'none' ? 'catch_up_none' : 'catch_up_latest'
  if (catchUp === 'all') {
    first = nextInstant(timetable, Math.max(windowStart, nextRunAt) - 1)
    reason = 'outside_window'
  } else if (catchUp === 'latest' && (onTime === null || onTime > now)) {
    const latest = previousInstant(timetable, onTime ?? now + 1, nextRunAt)
    if (latest >= windowStart) first = latest
    else reason = 'outside_window'
  }
  if (first !== null && first <= nextRunAt) return null
  const until = first ?? now + 1
  const last = previousInstant(timetable, until, nextRunAt)
  const lapse = { since: nextRunAt, until, last, reason }
  return { runs: [], lapse, nextRunAt: first }
}

function decideEach(schedule: DueSchedule, instants: readonly number[], next: number | null, now: number): Decision {
  const firstOnTime = instants.findIndex((instant) => now - instant <= missedAfterMs)
  const late = firstOnTime === -1 ? instants.length : firstOnTime
  const reachesNow = next === null || next > now
  const { firstCaughtUp, reason } = catchUpFrom(schedule, instants, late, reachesNow, now)
  const missed = firstCaughtUp > 0 ? [missedRun(instants, firstCaughtUp, reason)] : []
  const left = schedule.maxRuns === null ? Number.POSITIVE_INFINITY : schedule.maxRuns - schedule.runCount
  const overlap = startOverlap(schedule, instants.length - firstCaughtUp)
  const runs: DecidedRun[] = []
  let fired = 0
  for (let index = firstCaughtUp; index < instants.length && fired < left; index += 1) {
    const scheduledFor = instants[index] as number
    const origin = index < late ? 'catch_up' : 'schedule'
    const { status, reason } = overlap.next(origin)
    runs.push({
      scheduledFor,
      origin,
      status,
      reason,
      missedSince: null,
      missedCount: null,
      jitterMs: status === 'skipped' ? 0 : jitterOf(schedule, scheduledFor, instants[index + 1] ?? next),
      clockChange: clockChange(schedule.timetable, scheduledFor),
    })
    if (status !== 'skipped') fired += 1
  }
  return {
    runs: [...missed, ...runs],
    lapse: null,
    nextRunAt: fired < left ? next : null,
  }
}

/**
 * What becomes of the instants to run, one after the other, given what is active and what the ones before became. Where
 * all missed instants are to be caught up they come at once, which is no reason to skip any: they wait for each other.
 */
function startOverlap({ overlapPolicy, catchUp, hasActiveRun }: DueSchedule, count: number) {
  let isActive = hasActiveRun
  let left = count
  return {
    next(origin: DecidedRun['origin']): { status: 'queued' | 'waiting' | 'skipped'; reason: string | null } {
      left -= 1
      if (overlapPolicy === 'allow') return { status: 'queued', reason: null }
      if (overlapPolicy === 'replace' && left > 0) return { status: 'skipped', reason: 'replaced' }
      const waitsItsTurn = origin === 'catch_up' && catchUp === 'all'
      if (overlapPolicy === 'skip' && isActive && !waitsItsTurn) return { status: 'skipped', reason: 'overlap' }
      const status = isActive ? 'waiting' : 'queued'
      isActive = true
      return { status, reason: null }
    },
  }
}

/** Of the first `late` instants: from which one on they are run after all, and why those before it are not. */
function catchUpFrom(
  schedule: DueSchedule,
  instants: readonly number[],
  late: number,
  reachesNow: boolean,
  now: number,
): { firstCaughtUp: number; reason: string } {
  const windowStart = windowStartOf(schedule, now)
  const inWindow = instants.findIndex((instant) => instant >= windowStart)
  const firstInWindow = inWindow === -1 ? late : Math.min(inWindow, late)
  if (schedule.catchUp === 'all') return { firstCaughtUp: firstInWindow, reason: 'outside_window' }
  if (schedule.catchUp === 'none') return { firstCaughtUp: late, reason: 'catch_up_none' }
  const latestIsMissed = late === instants.length && reachesNow
  if (latestIsMissed && firstInWindow < late) return { firstCaughtUp: late - 1, reason: 'catch_up_latest' }
  return { firstCaughtUp: late, reason: latestIsMissed ? 'outside_window' : 'catch_up_latest' }
}

function windowStartOf({ catchUpWindowMs }: DueSchedule, now: number): number {
  return catchUpWindowMs === null ? Number.NEGATIVE_INFINITY : now - catchUpWindowMs
}

function missedRun(instants: readonly number[], count: number, reason: string): DecidedRun {
  return {
    scheduledFor: instants[count - 1] as number,
    origin: 'schedule',
    status: 'missed',
    reason,
    missedSince: instants[0] as number,
    missedCount: count,
    jitterMs: 0,
    clockChange: null,
  }
}
