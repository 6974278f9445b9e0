import type { Events } from '../../events.ts'
import { nextMoment } from '../../store/due-runs.ts'
import type { Db } from '../../store/tables.ts'
import type { SettableClock } from '../../testing.ts'
import { tick } from '../../tick/tick.ts'
import type { ExecuteOptions } from '../../worker/execute.ts'
import type { Runs } from './runs.ts'

/** A stretch in which nothing of pgbeat runs: from the first instant to before the second. Unix milliseconds. */
export interface Downtime {
  readonly from: number
  readonly to: number
}

export interface PlayOptions {
  readonly db: Db
  readonly events: Events
  readonly clock: SettableClock
  readonly runs: Runs
  readonly execution: ExecuteOptions
  /** Unix milliseconds; it begins at the clock's time. */
  readonly to: number
  readonly downtimes: readonly Downtime[]
  /** It ends before its time when there are more runs than that. */
  readonly mostRuns: number
  readonly signal: AbortSignal
  readonly onMoment: (now: number, runs: number) => void
}

/**
 * Goes from one instant at which something happens to the next: runs end, the tick itself decides what is due, runs
 * begin. A run that ends at the very instant at which the next one is due is over by then. Answers whether it came to its
 * end.
 */
export async function play(options: PlayOptions): Promise<boolean> {
  const { db, events, clock, runs, execution, to, downtimes, mostRuns, signal, onMoment } = options
  let fired = 0
  events.on('tick:fired', (batch) => {
    fired += batch.runs
  })
  for (;;) {
    const now = clock.now().getTime()
    onMoment(now, fired)
    if (!(await settle())) return false
    const next = await nextAfter(now)
    if (next === null || next > to) break
    await clock.set(next)
  }
  await clock.set(to)
  return true

  /** All that happens at the clock's time; answers false when that is more than is wanted. */
  async function settle(): Promise<boolean> {
    await runs.endDue()
    for (let isMore = !isDown(clock.now().getTime()); isMore; ) {
      if (fired > mostRuns || signal.aborted) return false
      const ticked = await tick({ db, events })
      const ended = await runs.endCancelled(db, execution)
      const started = await runs.start(db, execution)
      isMore = ticked || ended > 0 || started > 0
    }
    return !signal.aborted
  }

  async function nextAfter(now: number): Promise<number | null> {
    const downtime = downtimes.find((one) => isIn(one, now))
    const due = downtime === undefined ? await nextMoment(db) : downtime.to
    // What begins while all is down is noticed at its end.
    const moments = [due, runs.nextEnd].filter((moment) => moment !== null)
    return moments.length === 0 ? null : Math.max(now + 1, Math.min(...moments))
  }

  function isDown(now: number): boolean {
    return downtimes.some((downtime) => isIn(downtime, now))
  }
}

function isIn({ from, to }: Downtime, instant: number): boolean {
  return from <= instant && instant < to
}
