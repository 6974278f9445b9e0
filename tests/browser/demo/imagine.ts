import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { nextInstant, type Timetable } from '../../../src/core/timetable.ts'
import type { Character } from './schedules.ts'

/** A row of pgbeat.runs, instants as Unix milliseconds. */
export interface PastRun {
  readonly schedule: string
  readonly at: number
  readonly origin: 'schedule' | 'catch_up'
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'missed'
  readonly reason?: string
  readonly missedSince?: number
  readonly missedCount?: number
  readonly queuedAt?: number
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly error?: string
}

export interface Past {
  readonly name: string
  readonly timetable: Timetable
  readonly character: Character
  readonly now: number
  readonly random: RandomGenerator
}

const minuteMs = 60_000
/** What is due just before the system really starts is left to it. */
const marginMs = 2_000
/** Minutes ago: nobody was there to fire. */
const outage = [26, 23] as const

/**
 * What a system would have written of a schedule that had run all along: its timetable's instants, of which some are
 * skipped because the run before is not over, some were missed while nothing ran or it was paused, and some fail.
 */
export function imagineRuns(past: Past): PastRun[] {
  const { name, timetable, character, now } = past
  const since = now - character.days * 86_400_000
  const ago = ([from, to]: readonly [number, number]) => [now - from * minuteMs, now - to * minuteMs] as const
  const [downAt, upAt] = ago(outage)
  const [pausedAt, resumedAt] = ago(character.paused ?? [0, 0])
  const runs: PastRun[] = []
  const [paused, missed]: [number[], number[]] = [[], []]
  let busyUntil = 0
  for (const at of instants(timetable, since, now - marginMs)) {
    if (at >= pausedAt && at < resumedAt) paused.push(at)
    else if (at >= downAt && at < upAt) missed.push(at)
    else {
      if (at >= upAt) runs.push(...caughtUp())
      runs.push(fired(at, at))
    }
  }
  if (paused.length > 0) runs.push(missedRun(paused, 'paused'))
  return [...runs, ...caughtUp()].filter(({ finishedAt = 0 }) => finishedAt < now)

  /** Of what was missed the latest runs, once, when somebody is there again. */
  function caughtUp(): PastRun[] {
    const latest = missed.pop()
    if (latest === undefined) return []
    const before = missed.splice(0)
    const run = { ...fired(latest, upAt), origin: 'catch_up' as const }
    return before.length === 0 ? [run] : [missedRun(before, 'catch_up_latest'), run]
  }

  function missedRun(instants: readonly number[], reason: string): PastRun {
    const [missedSince, at] = [instants[0] as number, instants.at(-1) as number]
    return {
      schedule: name,
      at,
      origin: 'schedule',
      status: 'missed',
      reason,
      missedSince,
      missedCount: instants.length,
    }
  }

  function fired(at: number, dueAt: number): PastRun {
    const run = { schedule: name, at, origin: 'schedule' } as const
    if (dueAt < busyUntil) return { ...run, status: 'skipped', reason: 'overlap' }
    const { durationMs, waitMs = 0, failures: [failing, error] = [0, ''] } = character
    const queuedAt = dueAt + between(4, 20) + rarely(40)
    const startedAt = queuedAt + between(3, 18) + rarely(150) + between(0, waitMs)
    const finishedAt = startedAt + between(...durationMs)
    busyUntil = finishedAt
    const times = { queuedAt, startedAt, finishedAt }
    if (between(1, 100) > failing) return { ...run, status: 'succeeded', ...times }
    return { ...run, status: 'failed', ...times, error }
  }

  function between(least: number, most: number): number {
    return uniformInt(past.random, least, most)
  }

  /** Now and then something takes its time. */
  function rarely(most: number): number {
    return between(1, 50) === 1 ? between(0, most) : 0
  }
}

function* instants(timetable: Timetable, after: number, before: number): Generator<number> {
  for (let at = nextInstant(timetable, after); at !== null && at < before; at = nextInstant(timetable, at)) yield at
}
