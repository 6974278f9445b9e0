import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { attemptsUnderWay } from '../store/cancellation.ts'
import { openListener } from '../store/listener.ts'
import type { Db } from '../store/tables.ts'
import type { AttemptId, Cancellations } from './attempt.ts'

/** The run was cancelled, or another one took its place. */
class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
  readonly code = 'cancelled'

  constructor() {
    super('the run was cancelled')
  }
}

/** The worker was silent for so long (frozen, or cut off) that the attempt counts as lost, and another takes its place. */
class AttemptLost extends Error {
  override readonly name = 'AttemptLost'
  readonly code = 'attempt_lost'

  constructor() {
    super('the attempt had been given up for lost')
  }
}

/** Covers a lost NOTIFY. */
const askEveryMs = 1_000

/**
 * Ends the attempts that a worker makes when their runs are cancelled, or when they are no longer its own. It is told by
 * NOTIFY of the former, and asks by itself once a second while something is under way.
 */
export class LiveCancellations implements Cancellations {
  readonly #db: Db
  readonly #nodeId: string
  readonly #underWay = new Map<string, AbortController>()
  #session: Promise<pg.Client | undefined>
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: { readonly connectionString: string; readonly db: Db; readonly nodeId: string }) {
    this.#db = options.db
    this.#nodeId = options.nodeId
    this.#session = this.#listen(options.connectionString)
  }

  /** Aborted with RunCancelled or AttemptLost; to be forgotten with `forget`. */
  watch(attempt: AttemptId): AbortSignal {
    const controller = new AbortController()
    this.#underWay.set(keyOf(attempt), controller)
    this.#timer ??= setTimeout(() => this.#askAgain(), askEveryMs)
    return controller.signal
  }

  forget(attempt: AttemptId): void {
    this.#underWay.delete(keyOf(attempt))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await (await this.#session)?.end().catch(() => {})
  }

  async #askAgain(): Promise<void> {
    this.#timer = undefined
    await this.#ask()
    if (this.#underWay.size > 0 && !this.#isStopped) this.#timer ??= setTimeout(() => this.#askAgain(), askEveryMs)
  }

  async #ask(): Promise<void> {
    // Those that are opened meanwhile may not be in the answer.
    const asked = [...this.#underWay]
    if (asked.length === 0) return
    // While Postgres is away nothing can be cancelled, and it is asked again.
    const known = await attemptsUnderWay(this.#db, this.#nodeId).catch(() => undefined)
    if (known === undefined) return
    const isCancelled = new Map(known.map((attempt) => [keyOf(attempt), attempt.isCancelled]))
    for (const [key, controller] of asked) {
      if (!isCancelled.has(key)) controller.abort(new AttemptLost())
      else if (isCancelled.get(key)) controller.abort(new RunCancelled())
    }
  }

  /** Resolves with the session once it listens; one that breaks is replaced. */
  async #listen(connectionString: string): Promise<pg.Client | undefined> {
    while (!this.#isStopped) {
      const session = await this.#open(connectionString).catch(() => undefined)
      if (session !== undefined) {
        session.on('notification', () => this.#ask())
        session.on('end', () => {
          if (!this.#isStopped) this.#session = this.#listen(connectionString)
        })
        return session
      }
      await delay(askEveryMs)
    }
    return undefined
  }

  #open(connectionString: string): Promise<pg.Client> {
    return openListener(connectionString, `pgbeat cancellations ${this.#nodeId}`, ['pgbeat_cancellations'])
  }
}

/** A worker that was frozen may be making an attempt while another of the same run is lost already. */
function keyOf({ runId, attempt }: AttemptId): string {
  return `${runId}/${attempt}`
}
