// How many jobs are taken from the database at once.
//
// graphile-worker's local queue fetches a fixed number of jobs and keeps those that none of its workers is free for, as
// long as that may take. That makes it fast, and a busy worker hoard what an idle one could begin. Here the number is
// decided anew for each fetch: as many as there are free workers, and so many more as can be begun in a moment, going by
// how long tasks have taken lately. Where they take their time that is none.
//
// The local queue has no option for that, nor for a pause, so two properties of it are replaced.
// tests/worker/job-supply.test.ts and draining.test.ts hold that they are heeded.

import type { Job, WorkerEventMap, WorkerEvents } from 'graphile-worker'

type LocalQueue = WorkerEventMap['localQueue:init']['localQueue']

interface Internals {
  fetch: () => void
  fetchTimer: NodeJS.Timeout | null
  /** Gives back what the queue keeps. */
  setModeTtlExpired(): void
}

/** What is fetched ahead of need is meant to be begun within this. */
const aheadMs = 50

/** However short its task is, a job takes the process so long. */
const leastMs = 0.1

/** However long one task takes, it counts no more: it says little about the next, which may be short. */
const mostMs = 1_000

/** What one task takes changes what they are thought to take by so much of the difference. */
const weight = 1 / 16

/** What was not, because tasks suddenly take longer, goes back to the database. */
export const keepMs = 250

/** Of one fetch. */
const mostFetched = 512

/** While nothing is fetched a timer has to be there, for whatever wakes the queue looks for it. */
const pausedMs = 60_000

export class JobSupply {
  #queue: LocalQueue | undefined
  #requested = 0
  #mayBeMore = true
  #isDeciding = false
  #isPaused = false
  readonly #concurrency: number
  /** When those under way began, by performance.now(), the earliest first. */
  readonly #underWay = new Set<{ readonly since: number }>()
  /** How long a job has a slot; undefined before the first has left it. */
  #meanMs: number | undefined

  constructor(
    events: WorkerEvents,
    { concurrency, onFetched }: { concurrency: number; onFetched: (jobs: readonly Job[]) => void },
  ) {
    this.#concurrency = concurrency
    events.on('localQueue:init', ({ localQueue }) => this.#control(localQueue))
    events.on('localQueue:getJobs:complete', ({ jobs }) => {
      this.#mayBeMore = jobs.length >= this.#requested
      this.#isDeciding = true
      onFetched(jobs)
      this.askSoon()
    })
    events.on('pool:gracefulShutdown', () => this.#giveBack())
  }

  /** Whether no jobs are fetched. One that was being fetched when that began is to be put back. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Fetches no more jobs, and gives back those that were fetched ahead. */
  pause(): void {
    this.#isPaused = true
    this.#giveBack()
  }

  resume(): void {
    this.#isPaused = false
    this.#queue?.pulse(1)
  }

  /** A job has got a slot. Answers what is to be called when its task has ended. */
  begin(): () => void {
    const job = { since: performance.now() }
    this.#underWay.add(job)
    return () => {
      this.#underWay.delete(job)
      const tookMs = Math.min(mostMs, performance.now() - job.since)
      this.#meanMs = this.#meanMs === undefined ? tookMs : this.#meanMs + (tookMs - this.#meanMs) * weight
    }
  }

  /** Asks for jobs if there are workers without one and there may be some. */
  askSoon(): void {
    // They line up a few promises later.
    setImmediate(() => {
      const queue = this.#queue
      if (queue === undefined || queue.mode !== 'POLLING' || queue.fetchInProgress) return
      if (this.#mayBeMore && queue.workerQueue.length > 0) queue.pulse(1)
    })
  }

  #control(queue: LocalQueue): void {
    this.#queue = queue
    Object.defineProperty(queue, 'getJobBatchSize', { get: () => this.#size(queue) })
    const internals = queue as unknown as Internals
    const fetch = internals.fetch
    internals.fetch = () => {
      if (!this.#isPaused) return fetch()
      clearTimeout(internals.fetchTimer ?? undefined)
      internals.fetchTimer = setTimeout(internals.fetch, pausedMs)
    }
  }

  /** The queue gives back by itself what it keeps when it is released, but fails unless it is just doing that. */
  #giveBack(): void {
    if (this.#queue?.mode === 'WAITING') (this.#queue as unknown as Internals).setModeTtlExpired()
  }

  #size(queue: LocalQueue): number {
    if (this.#isDeciding) {
      // It asks whether it got as many as it asked for, and would fetch again at once, free workers or not.
      this.#isDeciding = false
      return Number.POSITIVE_INFINITY
    }
    this.#requested = roundedDown(Math.min(mostFetched, queue.workerQueue.length + this.#ahead()))
    return this.#requested
  }

  #ahead(): number {
    const slots = this.#usableSlots()
    if (this.#meanMs === undefined || slots <= 0) return 0
    return Math.floor(aheadMs / Math.max(leastMs, this.#meanMs / slots))
  }

  /** Without those that a task has for long. */
  #usableSlots(): number {
    const now = performance.now()
    let usable = this.#concurrency
    for (const { since } of this.#underWay) {
      if (now - since < aheadMs) break
      usable -= 1
    }
    return usable
  }
}

/** To a few numbers: each makes a prepared statement of its own. */
function roundedDown(jobs: number): number {
  if (jobs < 16) return jobs
  const half = 2 ** (Math.floor(Math.log2(jobs)) - 1)
  return Math.floor(jobs / half) * half
}
