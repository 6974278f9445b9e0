// What many schedules are due for at one instant is made ready before it, and committed at it. docs/decisions/0032 says
// what that is worth, and why nothing is decided too early.

import type { Events } from '../events.ts'
import { type Crowd, type DueRow, lockDueAt, nextCrowd, waitUntil } from '../store/due-schedules.ts'
import { fire } from '../store/firing.ts'
import { activeRuns } from '../store/overlap.ts'
import { isLocked, isTaken } from '../store/postgres-errors.ts'
import type { Db } from '../store/tables.ts'
import { decideBatch } from './decide-batch.ts'
import { longestIdleMs } from './session.ts'
import { step } from './step.ts'

/** Fewer are as soon fired as they were made ready. */
const leastSchedules = 100
const batch = { schedules: 2_500, runs: 2_500, decisionMs: 200 }
/** Each a batch, on a session of its own. */
export const mostBatches = 4

/** Edits of a schedule wait for as long as it is made ready. */
const longestLeadMs = 500
/** For what a batch takes besides its schedules. */
const leastLeadMs = 25
/** For opening a session, which then reads what it must know of the tables. */
const coldMs = 150
/** What a batch took the last time says how long the next one may take. */
const margin = 1.3
/** Looking is cheap, but not free. */
const lookAgainMs = 50
/** Asking who has active runs now takes about so long for each. */
const askMs = 0.005

const horizonMs = 2 * longestLeadMs

export interface AheadOptions {
  /** What is made ready keeps a session until the instant; as many as `mostBatches` can be of use. */
  readonly db: Db
  readonly events: Events
  /** Called when a batch is over: some of what it had locked may be due still. */
  readonly onOver: () => void
}

/** Makes crowds ready. */
export class Ahead {
  readonly #options: AheadOptions
  #isUnderWay = false
  /** The last instant for which it was begun: what is left of that crowd is not for it. */
  #instant = 0
  #lookAt = 0
  #msPerSchedule = 0.1
  /** How many sessions are open, and until when they are for certain, by performance.now(). */
  #warm = { sessions: 0, until: 0 }

  constructor(options: AheadOptions) {
    this.#options = options
  }

  /**
   * Begins if it is time for the next crowd; to be called again and again.
   * @param waitMs until the next schedule is due, as far as that is known
   * @returns milliseconds until it is to be called again
   */
  async look(db: Db, waitMs: number): Promise<number> {
    if (waitMs > horizonMs) return waitMs - horizonMs
    const restMs = this.#lookAt - performance.now()
    if (this.#isUnderWay || restMs > 0) return Math.max(restMs, lookAgainMs)
    const inMs = await this.#lookNow(db)
    this.#lookAt = performance.now() + Math.min(inMs, lookAgainMs)
    return Math.max(1, inMs)
  }

  async #lookNow(db: Db): Promise<number> {
    const most = mostBatches * batch.schedules
    const crowd = await nextCrowd(db, { withinMs: horizonMs, least: leastSchedules, most })
    if (crowd === null) return horizonMs - longestLeadMs
    if (crowd.instant === this.#instant) return crowd.inMs
    const batches = Math.ceil(crowd.schedules / batch.schedules)
    const isWarm = this.#warm.sessions >= batches && performance.now() < this.#warm.until
    const batchMs = Math.min(crowd.schedules, batch.schedules) * this.#msPerSchedule
    const neededMs = leastLeadMs + (isWarm ? 0 : coldMs) + batchMs * margin
    const leadMs = Math.min(longestLeadMs, neededMs)
    if (crowd.inMs > leadMs) return crowd.inMs - leadMs
    this.#isUnderWay = true
    this.#instant = crowd.instant
    const all = Array.from({ length: batches }, () => this.#makeReady(crowd, isWarm))
    void Promise.all(all).then(() => {
      this.#isUnderWay = false
      this.#warm = { sessions: batches, until: performance.now() + longestIdleMs / 2 }
    })
    return lookAgainMs
  }

  /** Fires a batch of the crowd at its instant; what goes wrong leaves all of it to whoever fires what is due. */
  async #makeReady(crowd: Crowd, isWarm: boolean): Promise<void> {
    const { events, onOver } = this.#options
    try {
      await this.#fireAt(crowd, isWarm)
    } catch (error) {
      if (!isTaken(error) && !isLocked(error) && !(error instanceof Overtaken))
        events.emit('component:failed', { component: 'tick', error, retryInMs: 0 })
    } finally {
      onOver()
    }
  }

  async #fireAt({ instant, schedules: expected }: Crowd, isWarm: boolean): Promise<void> {
    const { db, events } = this.#options
    const beganAt = performance.now()
    const ready = await step({ db }, async (trx) => {
      const due = await lockDueAt(trx, { instant, limit: batch.schedules })
      // What an active run means for this instant is only known at the instant.
      const free = due.filter(({ hasActiveRun }) => !hasActiveRun)
      const { decided } = decideBatch(free, instant, batch)
      if (decided.length === 0) return null
      const fired = await fire(trx, decided, { mayExist: false, at: instant })
      if (isWarm) this.#learn((performance.now() - beganAt) / Math.min(expected, batch.schedules))
      await untilNothingOverlaps(trx, free, instant)
      const passedMs = await waitUntil(trx, instant)
      return { fired, schedules: decided.length, passedMs, committingAt: performance.now() }
    })
    if (ready === null) return
    const { fired, schedules, passedMs, committingAt } = ready
    const lateMs = passedMs + performance.now() - committingAt
    const fireDelaysMs = fired.fireDelaysMs.map(({ origin, delaysMs }) => ({
      origin,
      delaysMs: delaysMs.map(() => lateMs),
    }))
    events.emit('tick:fired', { ...fired, fireDelaysMs, schedules, lateMs, isLate: false })
  }

  /** Slowly when a batch was quick, at once when it was slow. */
  #learn(msPerSchedule: number): void {
    this.#msPerSchedule = Math.max(msPerSchedule, 0.9 * this.#msPerSchedule)
  }
}

/** Waits until just before the instant. Throws `Overtaken` if one that must not overlap has got an active run by then. */
async function untilNothingOverlaps(trx: Db, free: readonly DueRow[], instant: number): Promise<void> {
  const ids = free.filter(({ overlapPolicy }) => overlapPolicy !== 'allow').map(({ id }) => id)
  await waitUntil(trx, instant - ids.length * askMs)
  if ((await activeRuns(trx, ids, instant)).size > 0) throw new Overtaken()
}

/** A schedule has got an active run after it was decided about. */
class Overtaken extends Error {
  override readonly name = 'Overtaken'
}
