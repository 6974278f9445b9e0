import type { AnswerOf, Arguments, CallOptions, ListRoute, PlainRoute, QueryOf } from './routes.ts'

/** What can be asked of pgbeat, over HTTP or without. */
export interface Calls {
  /** @throws ApiError for an answer other than success */
  call<const R extends PlainRoute>(route: R, ...[options]: Arguments<CallOptions<R>>): Promise<AnswerOf<R>>
  /** All entries of a list, however many pages it has. */
  each<const R extends ListRoute>(
    route: R,
    ...[options]: Arguments<CallOptions<R>>
  ): AsyncGenerator<AnswerOf<R>['data'][number], void>
  /** Follows what changes, until it is told to stop. */
  events(options?: EventsOptions): AsyncGenerator<LiveEvent, void>
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
  /** `schedule.…`, `backfill.…`, `run.…`, `ready`, `overflow` or `reset`. */
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Options of a call, whichever it is. */
export interface AnyOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly ifMatch?: number
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}
