import { type Signal, signal } from '@preact/signals'
import type { AnswerOf, LiveEvent } from '../../../client/client.ts'
import { api, noticeError } from '../../data/api.ts'
import { onChange, reloads } from '../../data/live.ts'

type Glances = AnswerOf<'GET /schedules/recent-runs'>['data'][number]['runs']

/** The API takes no more ids at once. */
const mostAtOnce = 100
/** Rows that come into sight together are asked for together. */
const gatherMs = 50
/** What runs often isn't asked for more often. */
const refreshMs = 1_000
/** What could not be loaded is asked for again. */
const retryMs = 5_000
/** Of rows out of sight so many are remembered. */
const mostKept = 2_000

/** The latest runs of the schedules that can be seen, as they change. */
export class RecentRuns {
  readonly #known = new Map<string, Signal<Glances | undefined>>()
  readonly #seen = new Set<string>()
  readonly #outdated = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #isAsking = false

  /** Of a schedule, the newest first; undefined until they are known. */
  of(id: string): Glances | undefined {
    return this.#entry(id).value
  }

  /** A schedule is in sight, until what is answered is called. */
  see(id: string): () => void {
    this.#seen.add(id)
    if (this.#entry(id).peek() === undefined) this.#outdated.add(id)
    if (this.#outdated.has(id)) this.#askIn(gatherMs)
    return () => this.#seen.delete(id)
  }

  /** Keeps up with what changes, until what is answered is called. */
  follow(): () => void {
    const unsubscribe = onChange((event) => this.#hear(event))
    return () => {
      unsubscribe()
      clearTimeout(this.#timer)
    }
  }

  #hear({ type, data }: LiveEvent): void {
    if (reloads.includes(type)) for (const id of this.#known.keys()) this.#outdated.add(id)
    else if (type.startsWith('run.') && this.#known.has(String(data.schedule_id))) {
      this.#outdated.add(String(data.schedule_id))
    } else return
    this.#askIn(refreshMs)
  }

  #askIn(ms: number): void {
    const at = performance.now() + ms
    if (this.#isAsking || at >= this.#dueAt) return
    clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => this.#ask(), ms)
  }

  async #ask(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY
    const ids = this.#wanted().slice(0, mostAtOnce)
    if (ids.length === 0) return
    for (const id of ids) this.#outdated.delete(id)
    this.#isAsking = true
    const waitMs = await this.#load(ids)
    this.#isAsking = false
    this.#forget()
    if (this.#wanted().length > 0) this.#askIn(waitMs)
  }

  /** How long to wait until what is wanted by then is asked for. */
  async #load(ids: readonly string[]): Promise<number> {
    try {
      const { data } = await api.call('GET /schedules/recent-runs', { query: { schedule_ids: ids.join(',') } })
      for (const { schedule_id: id, runs } of data) this.#entry(id).value = runs
      return this.#wanted().some((id) => this.of(id) === undefined) ? gatherMs : refreshMs
    } catch (error) {
      noticeError(error)
      for (const id of ids) this.#outdated.add(id)
      return retryMs
    }
  }

  #wanted(): string[] {
    return [...this.#outdated].filter((id) => this.#seen.has(id))
  }

  #entry(id: string): Signal<Glances | undefined> {
    const known = this.#known.get(id) ?? signal<Glances | undefined>(undefined)
    this.#known.set(id, known)
    return known
  }

  #forget(): void {
    for (const id of this.#known.keys()) {
      if (this.#known.size <= mostKept) return
      if (!this.#seen.has(id)) this.#known.delete(id)
    }
  }
}
