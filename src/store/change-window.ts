import type { Position, Snapshot } from './change-position.ts'

/** What a statement that read changes says of its moment. */
export interface Moment {
  readonly source: string
  readonly snapshot: Snapshot
  /** Unix milliseconds, by pgbeat.clock(). */
  readonly at: number
  /** The greatest id that a run has got. */
  readonly lastRunId: bigint
}

/** How much earlier than its transaction got an id a change may have read the clock, or taken the run's id. */
const marginMs = 2_000
/** Of a transaction that is open for longer, changes of runs that are not under way may be missed. */
export const longestOpenMs = 60_000
const marginRunIds = 1_000n

interface Mark {
  /** Milliseconds of this process. */
  readonly takenAt: number
  readonly xmax: bigint
  readonly since: Position['since']
}

/**
 * How far back to look for changes of runs. What a snapshot does not show was written by transactions that were open
 * then, or began later. So nothing was written before the last moment at which none of these had begun; that is a moment
 * ago as a rule, and as long ago as the oldest open transaction if there is one.
 */
export class ChangeWindow {
  #marks: Mark[]

  /** @param now milliseconds of this process */
  constructor({ at, lastRunId }: Moment, now: number) {
    const runId = lastRunId > marginRunIds ? lastRunId - marginRunIds : 0n
    this.#marks = [{ takenAt: now, xmax: 0n, since: { at: Math.max(0, at - longestOpenMs), runId } }]
  }

  /** Takes note of a moment, and answers from where to look for what its snapshot does not show. */
  after({ snapshot, at, lastRunId }: Moment, now: number): Position['since'] {
    this.#marks.push({ takenAt: now, xmax: snapshot.xmax, since: { at, runId: lastRunId } })
    const before = this.#marks.findLast(({ xmax }) => xmax <= snapshot.xmin)
    const from = Math.max((before?.takenAt ?? now) - marginMs, now - longestOpenMs)
    const first = Math.max(
      0,
      this.#marks.findLastIndex(({ takenAt }) => takenAt <= from),
    )
    this.#marks = this.#marks.slice(first)
    return (this.#marks[0] as Mark).since
  }
}
