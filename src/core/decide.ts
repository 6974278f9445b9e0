import { nextInstant, type Timetable } from './timetable.ts'

export const overlapPolicies = ['skip', 'queue', 'allow'] as const
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
  /** Whether an earlier run is still waiting, queued, running or between attempts. */
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
}

export interface Decision {
  readonly runs: readonly DecidedRun[]
  /** The first instant after those decided; null = there is none, the schedule is finished. */
  readonly nextRunAt: number | null
}

/** An instant that is later than this was missed, and `catchUp` decides about it. */
export const missedAfterMs = 60_000

// Bounds one pass; what is left is still due in the next one.
const mostInstants = 2_000

/**
 * Decides about every instant of a schedule from `nextRunAt` up to `now`.
 * @throws TimetableError when the timetable can't be read
 */
export function decide(schedule: DueSchedule, now: number): Decision {
  const { instants, next } = instantsUpTo(schedule, now)
  const firstOnTime = instants.findIndex((instant) => now - instant <= missedAfterMs)
  const late = firstOnTime === -1 ? instants.length : firstOnTime
  const reachesNow = next === null || next > now
  const { firstCaughtUp, reason } = catchUpFrom(schedule, instants, late, reachesNow, now)

  const runs: DecidedRun[] = []
  if (firstCaughtUp > 0) runs.push(missedRun(instants, firstCaughtUp, reason))
  let left = schedule.maxRuns === null ? Number.POSITIVE_INFINITY : schedule.maxRuns - schedule.runCount
  let active = schedule.hasActiveRun
  for (let index = firstCaughtUp; index < instants.length && left > 0; index += 1) {
    const scheduledFor = instants[index] as number
    const status = active ? whenActive[schedule.overlapPolicy] : 'queued'
    runs.push({
      scheduledFor,
      origin: index < late ? 'catch_up' : 'schedule',
      status,
      reason: status === 'skipped' ? 'overlap' : null,
      missedSince: null,
      missedCount: null,
      jitterMs: jitterOf(schedule, scheduledFor, instants[index + 1] ?? next),
    })
    active ||= status === 'queued'
    if (status !== 'skipped') left -= 1
  }
  return { runs, nextRunAt: left > 0 ? next : null }
}

/** How many of the decided runs count towards `max_runs`. */
export function firedCount(decision: Decision): number {
  return decision.runs.filter(({ status }) => status === 'queued' || status === 'waiting').length
}

const whenActive = { skip: 'skipped', queue: 'waiting', allow: 'queued' } as const

function instantsUpTo(schedule: DueSchedule, now: number): { instants: number[]; next: number | null } {
  const instants: number[] = []
  let next: number | null = schedule.nextRunAt
  while (next !== null && next <= now && instants.length < mostInstants) {
    instants.push(next)
    next = nextInstant(schedule.timetable, next)
  }
  return { instants, next }
}

/** Of the first `late` instants: from which one on they are run after all, and why those before it are not. */
function catchUpFrom(
  { catchUp, catchUpWindowMs }: DueSchedule,
  instants: readonly number[],
  late: number,
  reachesNow: boolean,
  now: number,
): { firstCaughtUp: number; reason: string } {
  const windowStart = catchUpWindowMs === null ? Number.NEGATIVE_INFINITY : now - catchUpWindowMs
  const inWindow = instants.findIndex((instant) => instant >= windowStart)
  const firstInWindow = inWindow === -1 ? late : Math.min(inWindow, late)
  if (catchUp === 'all') return { firstCaughtUp: firstInWindow, reason: 'outside_window' }
  if (catchUp === 'none') return { firstCaughtUp: late, reason: 'catch_up_none' }
  const latestIsMissed = late === instants.length && reachesNow
  if (latestIsMissed && firstInWindow < late) return { firstCaughtUp: late - 1, reason: 'catch_up_latest' }
  return { firstCaughtUp: late, reason: latestIsMissed ? 'outside_window' : 'catch_up_latest' }
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
  }
}

/** The same for one schedule and instant every time, spread evenly, and never past the next instant. */
function jitterOf({ id, jitterMs }: DueSchedule, scheduledFor: number, next: number | null): number {
  const most = next === null ? jitterMs : Math.min(jitterMs, next - scheduledFor - 1)
  return most <= 0 ? 0 : hash(`${id} ${scheduledFor}`) % (most + 1)
}

/** FNV-1a, 32 bits, with a final mix so that neighbouring instants land far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
