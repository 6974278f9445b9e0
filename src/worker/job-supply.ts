// How many jobs are taken from the database at once.
//
// graphile-worker's local queue fetches a fixed number of jobs and keeps those that none of its workers is free for, as
// long as that may take. That makes it fast, and a busy worker hoard what an idle one could begin. Here the number is
// decided anew for each fetch: as many as there are free workers, and so many more as will be begun in a moment, going by
// how many tasks have ended lately. Where tasks take their time that is none.
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

/** What was not, because tasks suddenly take longer, goes back to the database. */
export const keepMs = 250

/** Of one fetch. */
const mostFetched = 512

const bucketMs = 100

/** While nothing is fetched a timer has to be there, for whatever wakes the queue looks for it. */
const pausedMs = 60_000

export class JobSupply {
  #queue: LocalQueue | undefined
  #requested = 0
  #mayBeMore = true
  #isDeciding = false
  #isPaused = false
  #bucketSince = performance.now()
  #endedBefore = 0
  #ended = 0

  constructor(events: WorkerEvents, onFetched: (jobs: readonly Job[]) => void) {
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

  /** A task has ended. */
  noteEnd(): void {
    this.#roll()
    this.#ended += 1
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
    this.#roll()
    const overMs = bucketMs + performance.now() - this.#bucketSince
    return Math.floor(((this.#endedBefore + this.#ended) / overMs) * aheadMs)
  }

  #roll(): void {
    const now = performance.now()
    const passedMs = now - this.#bucketSince
    if (passedMs < bucketMs) return
    this.#endedBefore = passedMs < 2 * bucketMs ? this.#ended : 0
    this.#ended = 0
    this.#bucketSince = now
  }
}

/** To a few numbers: each makes a prepared statement of its own. */
function roundedDown(jobs: number): number {
  if (jobs < 16) return jobs
  const half = 2 ** (Math.floor(Math.log2(jobs)) - 1)
  return Math.floor(jobs / half) * half
}
