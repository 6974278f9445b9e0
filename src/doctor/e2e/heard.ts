import type { Client } from '../../client/client.ts'

/** What an event says of a run. */
export interface RunNews {
  readonly id: string
  readonly status: string
  readonly scheduled_for: string
  readonly queued_at: string | null
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly error: { readonly code: string; readonly message: string } | null
}

/** What the event stream has told of a schedule, by its name, which it has before it is there. */
export class Heard {
  isReady = false
  isCreated = false
  run: RunNews | undefined
  readonly #schedule: string
  #changed = Promise.withResolvers<void>()
  #end: { readonly error: unknown } | undefined

  constructor(schedule: string) {
    this.#schedule = schedule
  }

  /** Listens until it is told to stop, or refused. */
  async follow(client: Client, task: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const { type, data } of client.events({ query: { task_name: task }, signal })) {
        if (type === 'ready') this.isReady = true
        else if (type === 'overflow' || type === 'reset') await this.#reload(client, signal)
        else if (data.schedule_name !== this.#schedule) continue
        else if (type === 'schedule.created') this.isCreated = true
        else if (type.startsWith('run.')) this.run = data as unknown as RunNews
        this.#tell()
      }
    } catch (error) {
      this.#end = { error }
      this.#tell()
    }
  }

  /** @throws the signal's reason, or why the stream was refused */
  async until(isTold: () => boolean, signal: AbortSignal): Promise<void> {
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => abort())
    while (!isTold()) {
      signal.throwIfAborted()
      if (this.#end !== undefined) throw this.#end.error
      await Promise.race([this.#changed.promise, aborted])
    }
  }

  /** Where so much changes that it is not told one by one. */
  async #reload(client: Client, signal: AbortSignal): Promise<void> {
    const answer = await client
      .call('GET /schedules/{id}/runs', { params: { id: this.#schedule }, signal })
      .catch(() => undefined)
    this.isCreated ||= answer !== undefined
    this.run = answer?.data[0] ?? this.run
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
