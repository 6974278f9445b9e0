import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { cancelledRunsOf } from '../store/cancellation.ts'
import { openListener } from '../store/listener.ts'
import type { Db } from '../store/tables.ts'
import type { Cancellations } from './execute.ts'

/** The run was cancelled, or another one took its place. */
class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
  readonly code = 'cancelled'

  constructor() {
    super('the run was cancelled')
  }
}

/** Covers a lost NOTIFY. */
const askEveryMs = 1_000

/**
 * Ends the runs that a worker executes when they are cancelled. It is told by NOTIFY, and asks by itself once a second
 * while something is under way.
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

  /** Aborted with RunCancelled when the run is cancelled; to be forgotten with `forget`. */
  watch(runId: string): AbortSignal {
    const controller = new AbortController()
    this.#underWay.set(runId, controller)
    this.#timer ??= setTimeout(() => this.#askAgain(), askEveryMs)
    return controller.signal
  }

  forget(runId: string): void {
    this.#underWay.delete(runId)
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
    if (this.#underWay.size === 0) return
    // While Postgres is away nothing can be cancelled, and it is asked again.
    const runs = await cancelledRunsOf(this.#db, this.#nodeId).catch(() => [])
    for (const run of runs) this.#underWay.get(run)?.abort(new RunCancelled())
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
