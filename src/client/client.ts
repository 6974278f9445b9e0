import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ApiError } from './api-error.ts'
import type { AnswerOf, Arguments, CallOptions, ListRoute, QueryOf, Route } from './routes.ts'
import { Silence } from './silence.ts'

export { ApiError } from './api-error.ts'
export type { AnswerOf, CallOptions, Json, ListRoute, Route } from './routes.ts'

/** Where a client sends its requests. */
export interface ClientOptions {
  /** Where the API is, such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** An API key; not needed on loopback where there are none. */
  readonly key?: string
}

/** What `events` takes. */
export interface EventsOptions {
  /** Goes on after this event; left out, from now on. */
  readonly lastEventId?: string
  /** Which changes: `types`, `schedule_id`, `task_name`, `status`. */
  readonly query?: QueryOf<'GET /events'>
  /** The server says every 15 s that it is alive; when nothing came for this long, the connection is taken for lost. */
  readonly longestSilenceMs?: number
  /** Called when the connection is lost, before it is made anew. */
  readonly onLost?: () => void
  readonly signal?: AbortSignal
}

/** Something that has changed, as `events` tells it. */
export interface LiveEvent {
  /** To go on after it. */
  readonly id: string
  /** `schedule.…`, `run.…`, `ready`, `overflow` or `reset`. */
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

interface AnyOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly ifMatch?: number
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
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
export class Client {
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
    const given = (options ?? {}) as AnyOptions
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const query = { ...given.query, ...(cursor !== undefined && { cursor }) }
      const response = await this.#send(route, { ...given, query })
      const { data, meta } = (await response.json()) as {
        data: AnswerOf<R>['data']
        meta: { next_cursor: string | null }
      }
      yield* data
      cursor = meta.next_cursor
    }
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
    const [method = '', path = ''] = route.split(' ')
    const url = new URL(
      `${this.#url}${prefixOf(path)}${path.replaceAll(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(required(params, name)))}`,
    )
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, toText(one))
    }
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

const outsideOfApi = ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']

function prefixOf(path: string): string {
  return outsideOfApi.includes(path) ? '' : '/api/v1'
}

function toText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

/** A path without it would be another endpoint's. */
function required(params: Readonly<Record<string, string>>, name: string): string {
  const value = params[name]
  if (value === undefined || value === '') throw new TypeError(`params.${name} must not be empty`)
  return value
}
