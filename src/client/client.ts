import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ApiError } from './api-error.ts'
import type { AnyOptions, Calls, EventsOptions, LiveEvent } from './calls.ts'
import { everyPage, type Page } from './every-page.ts'
import { pathOf, searchOf } from './request-url.ts'
import type { AnswerOf, Arguments, CallOptions, ListRoute, Route } from './routes.ts'
import { Silence } from './silence.ts'

export { ApiError } from './api-error.ts'
export type { Calls, EventsOptions, LiveEvent } from './calls.ts'
export type { AnswerOf, CallOptions, Json, ListRoute, PlainRoute, Route } from './routes.ts'

/** Where a client sends its requests. */
export interface ClientOptions {
  /** Where the API is, such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** An API key; not needed on loopback where there are none. */
  readonly key?: string
}

/**
 * A client of the HTTP API; its types are those that the server validates with.
 *
 * @example
 * const pgbeat = new Client({ url: 'http://127.0.0.1:8000' })
 * const { data } = await pgbeat.call('POST /schedules', {
 *   body: { name: 'hourly', task_name: 'echo', cron_expression: '0 * * * *' },
 * })
 * for await (const run of pgbeat.each('GET /schedules/{id}/runs', { params: { id: data.id } })) console.log(run.status)
 */
export class Client implements Calls {
  readonly #url: string
  readonly #key: string | undefined

  constructor({ url, key }: ClientOptions) {
    this.#url = url.replace(/\/+$/, '')
    this.#key = key
  }

  /**
   * Sends one request.
   * @throws ApiError for an answer other than success
   */
  async call<const R extends Route>(route: R, ...[options]: Arguments<CallOptions<R>>): Promise<AnswerOf<R>> {
    const response = await this.#send(route, (options ?? {}) as AnyOptions)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return (isJson ? JSON.parse(text) : text) as AnswerOf<R>
  }

  /** All entries of a list, however many pages it has. */
  async *each<const R extends ListRoute>(
    route: R,
    ...[options]: Arguments<CallOptions<R>>
  ): AsyncGenerator<AnswerOf<R>['data'][number], void> {
    yield* everyPage(options as AnyOptions | undefined, async (given) => {
      const response = await this.#send(route, given)
      return (await response.json()) as Page<AnswerOf<R>['data'][number]>
    })
  }

  /**
   * Follows what changes until it is told to stop, through lost connections and restarts of the server: docs/live.md says
   * which events there are. After `ready`, `overflow` and `reset` load what you show anew.
   * @throws ApiError when the server refuses it
   */
  async *events({
    lastEventId,
    query,
    longestSilenceMs = 45_000,
    onLost,
    signal,
  }: EventsOptions = {}): AsyncGenerator<LiveEvent, void> {
    let after = lastEventId
    let waitMs = 0
    const isOver = () => signal?.aborted === true
    while (!isOver()) {
      const silence = new Silence(longestSilenceMs)
      try {
        const headers: Record<string, string> = { accept: 'text/event-stream' }
        if (after !== undefined) headers['last-event-id'] = after
        const untilLost = AbortSignal.any([silence.tooLong, ...(signal ? [signal] : [])])
        const { body } = await this.#send('GET /events', { ...(query && { query }), signal: untilLost }, headers)
        if (body === null) return
        const stream = body
          .pipeThrough(silence.watched())
          .pipeThrough(new TextDecoderStream())
          .pipeThrough(new EventSourceParserStream())
        for await (const { id, event, data } of stream) {
          waitMs = 0
          after = id ?? after
          if (event === undefined) continue
          silence.pause()
          yield { id: id ?? '', type: event, data: JSON.parse(data) }
          silence.listen()
        }
      } catch (error) {
        if (isOver()) return
        if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error
      } finally {
        silence.pause()
      }
      if (!isOver()) onLost?.()
      await pause(waitMs, signal)
      waitMs = Math.min(longestWaitMs, Math.max(firstWaitMs, waitMs * 2))
    }
  }

  async #send(route: string, options: AnyOptions, headers: Record<string, string> = {}): Promise<Response> {
    const { params = {}, query = {}, body, ifMatch, idempotencyKey, signal } = options
    const { method, path } = pathOf(route, params)
    const url = new URL(`${this.#url}${path}`)
    url.search = searchOf(query)
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
    if (!response.ok) throw new ApiError(response.status, (await response.json().catch(() => ({}))) as object)
    return response
  }
}

const firstWaitMs = 250
const longestWaitMs = 5_000

/** Resolves after a while, or when there is nothing to wait for any more. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const onAbort = () => resolve()
  signal?.addEventListener('abort', onAbort)
  await over
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
}
