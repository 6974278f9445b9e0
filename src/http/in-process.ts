import { parse as parseQuery } from 'node:querystring'
import { text } from 'node:stream/consumers'
import type { AnyOptions, Calls, EventsOptions, LiveEvent } from '../client/calls.ts'
import { everyPage, type Page } from '../client/every-page.ts'
import { pathOf, searchOf, templateOf } from '../client/request-url.ts'
import type { AnswerOf, Arguments, CallOptions, ListRoute, PlainRoute } from '../client/routes.ts'
import type { Caller, Endpoint, PlainEndpoint } from './endpoint.ts'
import { endpoints } from './endpoints.ts'
import { type Performed, perform } from './perform.ts'
import type { Services } from './services.ts'
import { toApiError } from './to-api-error.ts'

export interface InProcessOptions {
  readonly services: Services
  /** Whose name the audit trail gets. */
  readonly caller: Caller
  readonly follow: (options: EventsOptions) => AsyncGenerator<LiveEvent, void>
}

/**
 * The API without HTTP: what is asked is read with the same schemas, done by the same handlers and refused with the same
 * codes, in this process. Nobody is asked for a key: who may connect to the database may do more than any role.
 */
export class InProcess implements Calls {
  readonly #options: InProcessOptions

  constructor(options: InProcessOptions) {
    this.#options = options
  }

  /** @throws ApiError for an answer other than success; its `cause` is the error behind it */
  async call<const R extends PlainRoute>(route: R, ...[options]: Arguments<CallOptions<R>>): Promise<AnswerOf<R>> {
    return (await this.#ask(route, (options ?? {}) as AnyOptions)) as AnswerOf<R>
  }

  async *each<const R extends ListRoute>(
    route: R,
    ...[options]: Arguments<CallOptions<R>>
  ): AsyncGenerator<AnswerOf<R>['data'][number], void> {
    const read = async (given: AnyOptions) => (await this.#ask(route, given)) as Page<AnswerOf<R>['data'][number]>
    yield* everyPage(options as AnyOptions | undefined, read)
  }

  events(options: EventsOptions = {}): AsyncGenerator<LiveEvent, void> {
    return this.#options.follow(options)
  }

  async #ask(route: string, options: AnyOptions): Promise<unknown> {
    const { services, caller } = this.#options
    const endpoint = endpointOf(route)
    const asked = toAsked(route, options)
    try {
      options.signal?.throwIfAborted()
      const handle = (call: Parameters<PlainEndpoint['handle']>[0], using: Services) => endpoint.handle(call, using)
      return JSON.parse(await textOf(await perform(endpoint, { asked, caller, services, handle })))
    } catch (error) {
      throw options.signal?.aborted ? error : toApiError(error)
    }
  }
}

function endpointOf(route: string): PlainEndpoint {
  const { method, template } = templateOf(route)
  const found = (endpoints as readonly Endpoint[]).find(
    (endpoint) => endpoint.path === template && endpoint.method.toUpperCase() === method,
  )
  if (found === undefined || found.isOfHttp) throw new TypeError(`${route} can't be called without HTTP`)
  return found
}

/** What would arrive if it were sent. */
function toAsked(route: string, { params = {}, query = {}, body, ifMatch, idempotencyKey }: AnyOptions) {
  const { method, path } = pathOf(route, params)
  const search = searchOf(query)
  return {
    method,
    url: search === '' ? path : `${path}?${search}`,
    params,
    query: parseQuery(search),
    body: body === undefined ? undefined : JSON.parse(JSON.stringify(body)),
    ifMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
    idempotencyKey,
  }
}

async function textOf(performed: Performed): Promise<string> {
  if (performed === undefined) throw new Error('an endpoint that is not about HTTP has answered nothing')
  return 'pieces' in performed ? text(performed.pieces) : performed.body
}
