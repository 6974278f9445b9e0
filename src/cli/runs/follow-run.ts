import type { Calls } from '../../client/client.ts'
import { Wake } from '../../wake.ts'
import { CommandFailure } from '../command-failure.ts'
import { print } from '../print.ts'
import { changeText } from './follow-runs.ts'
import { type LogLine, logText } from './log-text.ts'
import type { Run } from './present.ts'

export interface FollowRunOptions {
  readonly isForPeople: boolean
  readonly signal: AbortSignal
}

/** What is logged is no event of the feed: while a run goes on it is asked for so often, and whenever the run changes. */
const askEveryMs = 1_000

/**
 * Shows what a run logs and becomes, until it is over or the signal is aborted.
 * @throws ApiError run_not_found
 * @throws CommandFailure when it did not succeed
 */
export async function followRun(api: Calls, id: string, { isForPeople, signal }: FollowRunOptions): Promise<void> {
  let { data: run } = await api.call('GET /runs/{id}', { params: { id } })
  const wake = new Wake()
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  const watching = watch(api, run, { wake, signal: either })
  signal.addEventListener('abort', () => wake.now())
  try {
    await print(
      (async function* lines() {
        const logs = new LogReader(api, id)
        for (let told: string | undefined; !signal.aborted; ) {
          run = (await api.call('GET /runs/{id}', { params: { id } })).data
          // What was logged before the run became what it is.
          for (const line of await logs.next()) yield isForPeople ? logText(line) : json('log', line)
          const state = `${run.status} ${run.attempt}`
          if (state !== told) yield isForPeople ? changeText(run) : json(`run.${run.status}`, run)
          told = state
          if (isOver(run)) return
          await wake.sleep(askEveryMs)
        }
      })(),
    )
  } finally {
    ended.abort()
    await watching
  }
  if (isOver(run) && run.status !== 'succeeded') throw new CommandFailure(`run ${id} is ${run.status}`)
}

/** Wakes whenever the run changes. */
async function watch(
  api: Calls,
  { id, schedule_id }: Pick<Run, 'id' | 'schedule_id'>,
  { wake, signal }: { wake: Wake; signal: AbortSignal },
): Promise<void> {
  for await (const { type, data } of api.events({ query: { types: 'run', schedule_id }, signal })) {
    if (!type.startsWith('run.') || data.id === id) wake.now()
  }
}

/** Reads what a run has logged, a piece at a time. */
class LogReader {
  readonly #api: Calls
  readonly #id: string
  /** Of the page that is not full yet, and how much of it is known. */
  #cursor: string | undefined
  #known = 0

  constructor(api: Calls, id: string) {
    this.#api = api
    this.#id = id
  }

  /** What is new. */
  async next(): Promise<LogLine[]> {
    const found: LogLine[] = []
    for (;;) {
      const query = { per_page: 1_000, ...(this.#cursor !== undefined && { cursor: this.#cursor }) }
      const { data, meta } = await this.#api.call('GET /runs/{id}/logs', { params: { id: this.#id }, query })
      found.push(...data.slice(this.#known))
      this.#known = meta.next_cursor === null ? data.length : 0
      if (meta.next_cursor === null) return found
      this.#cursor = meta.next_cursor
    }
  }
}

function isOver({ finished_at, status }: Pick<Run, 'finished_at' | 'status'>): boolean {
  return finished_at !== null || ['succeeded', 'failed', 'cancelled', 'skipped', 'missed'].includes(status)
}

function json(event: string, what: object): string {
  return `${JSON.stringify({ event, ...what })}\n`
}
