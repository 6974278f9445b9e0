// What many schedules are due for at one instant is made ready before it, and committed at it. docs/decisions/0032 says
// what that is worth, and why nothing is decided too early.

import type { Events } from '../events.ts'
import { type Crowd, type DueRow, lockDueAt, nextCrowd, type Share, waitUntil } from '../store/due-schedules.ts'
import { type Fired, fire } from '../store/firing.ts'
import { activeRuns } from '../store/overlap.ts'
import { isLocked, isTaken } from '../store/postgres-errors.ts'
import type { Db } from '../store/tables.ts'
import { decideBatch } from './decide-batch.ts'
import { longestIdleMs } from './session.ts'
import { step } from './step.ts'

const batch = { schedules: 2_500, runs: 2_500, decisionMs: 200 }
/** Each makes batches ready, one after the other, on a session of its own. */
export const mostSessions = 4

/** What is looked for, and how often. Looking is cheap, but not free. Fewer are as soon fired as they were made ready. */
const looks = {
  often: { withinMs: 1_000, least: 100, most: mostSessions * batch.schedules, againMs: 50 },
  /** For those that take longer to make ready. */
  far: { withinMs: 3_000, least: mostSessions * batch.schedules + 1, most: 50_000, againMs: 250 },
}
/** Edits of a schedule wait for as long as it is made ready; what is no crowd has the machine to share. */
const longestLead = { ms: 500, forEach: looks.often.most }
/** For what a session takes besides its schedules. */
const leastLeadMs = 25
/** For opening a session, which then reads what it must know of the tables. */
const coldMs = 150
/** What a batch took the last time says how long the next one may take. */
const margin = 1.3
/** Asking who has active runs now takes about so long for each. */
const askMs = 0.005

export interface AheadOptions {
  /** What is made ready keeps a session until the instant; as many as `mostSessions` can be of use. */
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
  #lookFarAt = 0
  #msPerSchedule = 0.2
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
    if (waitMs > looks.far.withinMs) return waitMs - looks.far.withinMs
    const restMs = this.#lookAt - performance.now()
    if (this.#isUnderWay || restMs > 0) return Math.max(restMs, looks.often.againMs)
    const inMs = await this.#lookNow(db, waitMs)
    this.#lookAt = performance.now() + Math.min(inMs, looks.often.againMs)
    return Math.max(1, inMs)
  }

  async #lookNow(db: Db, waitMs: number): Promise<number> {
    const now = performance.now()
    const isSoon = waitMs <= looks.often.withinMs
    const isFar = !isSoon || now >= this.#lookFarAt
    if (isFar) this.#lookFarAt = now + looks.far.againMs
    let againMs = looks.far.againMs
    for (const look of [...(isFar ? [looks.far] : []), ...(isSoon ? [looks.often] : [])]) {
      const crowd = await nextCrowd(db, look)
      if (crowd === null || crowd.instant === this.#instant) continue
      const inMs = crowd.inMs - this.#leadMs(crowd)
      if (inMs <= 0) {
        this.#begin(crowd)
        return looks.often.againMs
      }
      againMs = Math.min(againMs, inMs)
    }
    return againMs
  }

  /** How long before its instant a crowd is begun. */
  #leadMs({ schedules }: Crowd): number {
    const sessions = sessionsFor(schedules)
    const openingMs = this.#isWarm(sessions) ? 0 : coldMs
    const neededMs = leastLeadMs + openingMs + Math.ceil(schedules / sessions) * this.#msPerSchedule * margin
    return Math.min(neededMs, longestLead.ms * Math.ceil(schedules / longestLead.forEach))
  }

  #isWarm(sessions: number): boolean {
    return this.#warm.sessions >= sessions && performance.now() < this.#warm.until
  }

  #begin(crowd: Crowd): void {
    const sessions = sessionsFor(crowd.schedules)
    const isWarm = this.#isWarm(sessions)
    this.#isUnderWay = true
    this.#instant = crowd.instant
    const all = Array.from({ length: sessions }, (_, index) =>
      this.#makeReady({ ...crowd, isWarm, share: { index, of: sessions } }),
    )
    void Promise.all(all).then(() => {
      this.#isUnderWay = false
      this.#warm = { sessions, until: performance.now() + longestIdleMs / 2 }
    })
  }

  /** Fires a part of the crowd at its instant; what goes wrong leaves all of it to whoever fires what is due. */
  async #makeReady(part: Part): Promise<void> {
    const { events, onOver } = this.#options
    try {
      await this.#fireAt(part)
    } catch (error) {
      if (!isTaken(error) && !isLocked(error) && !(error instanceof Overtaken))
        events.emit('component:failed', { component: 'tick', error, retryInMs: 0 })
    } finally {
      onOver()
    }
  }

  async #fireAt(part: Part): Promise<void> {
    const { db, events } = this.#options
    const { fired, passedMs, committingAt } = await step({ db }, async (trx) => {
      const { fired, free } = await this.#fireAhead(trx, part)
      if (fired.length > 0) await untilNothingOverlaps(trx, free, part.instant)
      const passedMs = fired.length > 0 ? await waitUntil(trx, part.instant) : 0
      return { fired, passedMs, committingAt: performance.now() }
    })
    const lateMs = passedMs + performance.now() - committingAt
    for (const one of fired) {
      const fireDelaysMs = one.fireDelaysMs.map(({ origin, delaysMs }) => ({
        origin,
        delaysMs: delaysMs.map(() => lateMs),
      }))
      events.emit('tick:fired', { ...one, fireDelaysMs, lateMs, isLate: false })
    }
  }

  /** Fires batch after batch, as long as there is time for one more. */
  async #fireAhead(trx: Db, { instant, inMs, schedules, share, isWarm }: Part) {
    const fired: (Fired & { schedules: number })[] = []
    const free: DueRow[] = []
    let beganAt = performance.now()
    const until = beganAt + inMs
    for (;;) {
      const due = await lockDueAt(trx, { instant, limit: batch.schedules, share })
      // What an active run means for this instant is only known at the instant.
      const batchFree = due.filter(({ hasActiveRun }) => !hasActiveRun)
      const { decided } = decideBatch(batchFree, instant, batch)
      if (decided.length === 0) break
      fired.push({ ...(await fire(trx, decided, { mayExist: false, at: instant })), schedules: decided.length })
      free.push(...batchFree)
      const now = performance.now()
      const msPerSchedule = (now - beganAt) / decided.length
      if (isWarm) this.#learn(msPerSchedule)
      const left = Math.max(0, Math.ceil(schedules / share.of) - free.length)
      const next = Math.min(left, batch.schedules)
      const neededMs = next * msPerSchedule * margin + (free.length + next) * askMs
      if (due.length < batch.schedules || now + neededMs > until) break
      beganAt = now
    }
    return { fired, free }
  }

  /** Slowly when a batch was quick, at once when it was slow. */
  #learn(msPerSchedule: number): void {
    this.#msPerSchedule = Math.max(msPerSchedule, 0.9 * this.#msPerSchedule)
  }
}

function sessionsFor(schedules: number): number {
  return Math.min(mostSessions, Math.ceil(schedules / batch.schedules))
}

/** What one session makes ready of a crowd. */
interface Part extends Crowd {
  readonly share: Share
  readonly isWarm: boolean
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
