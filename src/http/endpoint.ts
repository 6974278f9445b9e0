// An endpoint is described once: the same zod schemas validate its requests, type its handler and its client, and make
// its part of the OpenAPI document.

import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Role } from './access/roles.ts'
import type { ProblemCode } from './problems.ts'
import type { HttpServices, Services } from './services.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The parameters that a path such as `/schedules/{id}` has. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : unknown

/** Who makes a request. */
export interface Caller {
  /** As in `changed_by` of the audit trail. */
  readonly name: string
  /** The name of the key; null without one. */
  readonly keyName: string | null
  readonly role: Role
}

export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
  /** The revisions that `If-Match` names; null = any will do. */
  readonly revisions: readonly string[] | null
}

/** A request over HTTP and what answers it. */
interface Exchange {
  readonly request: Request
  readonly response: Response
}

export interface Answer<Content> {
  readonly content: Content
  readonly headers?: Readonly<Record<string, string>>
}

/** One of the `others`. */
interface OtherAnswer extends Answer<object> {
  readonly status: number
}

/** An answer that is long: a JSON text in pieces, as they are made. */
export interface LongAnswer {
  readonly pieces: AsyncIterable<string>
}

interface Description<
  M extends Method,
  Path extends string,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Content extends z.ZodType,
> {
  /** What it is called in the OpenAPI document. */
  readonly id: string
  readonly method: M
  readonly path: Path
  /** The heading that it stands under. */
  readonly tag: string
  /** The least that a key must be allowed; null = no key is needed. */
  readonly role: Role | null
  /** Though it needs no key, it minds whose request it is. */
  readonly asksWho?: boolean
  readonly summary: string
  readonly description?: string
  readonly query?: Query
  readonly body?: Body
  /** A body that works. */
  readonly example?: z.input<Body>
  /** The status of success. */
  readonly status: 200 | 201 | 202
  readonly content: Content
  /** Of the content; JSON when left out. */
  readonly mediaType?: string
  /** What it answers with other statuses that are no problems. */
  readonly others?: Readonly<Record<number, { readonly when: string; readonly content: z.ZodType }>>
  /** Headers of the answer, and what they say. */
  readonly headers?: Readonly<Record<string, string>>
  /** What it may answer besides what every endpoint of its kind may. */
  readonly problems?: readonly ProblemCode[]
  /** Headers of the request that it minds. */
  readonly requestHeaders?: Readonly<Record<string, z.ZodType>>
  /** It minds `If-Match`. */
  readonly isConditional?: boolean
  /** Its answer has a secret that nobody keeps: it can't be asked for again with an `Idempotency-Key`. */
  readonly isSecret?: boolean
  /** It changes nothing, whatever its method. */
  readonly isReading?: boolean
}

/** One that minds only what it is asked: it can be called without HTTP, too. */
export interface PlainEndpoint<
  M extends Method = Method,
  Path extends string = string,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Content extends z.ZodType = z.ZodType,
> extends Description<M, Path, Query, Body, Content> {
  readonly isOfHttp?: false
  handle(
    call: Call<ParamsOf<Path>, z.output<Query>, z.output<Body>>,
    services: Services,
  ): Promise<Answer<z.output<Content>> | OtherAnswer | LongAnswer>
}

/** One that is about HTTP, or the process that serves it. */
export interface HttpEndpoint<
  M extends Method = Method,
  Path extends string = string,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Content extends z.ZodType = z.ZodType,
> extends Description<M, Path, Query, Body, Content> {
  readonly isOfHttp: true
  /** Answers; or writes the response itself and answers nothing. */
  handle(
    call: Call<ParamsOf<Path>, z.output<Query>, z.output<Body>>,
    services: HttpServices,
    exchange: Exchange,
  ): Promise<Answer<z.output<Content>> | OtherAnswer | undefined>
}

export type Endpoint = PlainEndpoint | HttpEndpoint

export const nothing = z.strictObject({})
const noBody = z.undefined()

/** Describes an endpoint; only infers its types. */
export function endpoint<
  const M extends Method,
  const Path extends string,
  Content extends z.ZodType,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = typeof noBody,
>(description: PlainEndpoint<M, Path, Query, Body, Content>): PlainEndpoint<M, Path, Query, Body, Content> {
  return description
}

/** Describes one that is about HTTP. */
export function httpEndpoint<
  const M extends Method,
  const Path extends string,
  Content extends z.ZodType,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = typeof noBody,
>(
  description: Omit<HttpEndpoint<M, Path, Query, Body, Content>, 'isOfHttp'>,
): HttpEndpoint<M, Path, Query, Body, Content> {
  return { ...description, isOfHttp: true } as HttpEndpoint<M, Path, Query, Body, Content>
}

/** Whether it can be sent again with the same `Idempotency-Key`. */
export function isRepeatable(endpoint: Pick<Endpoint, 'method' | 'isReading' | 'isSecret'>): boolean {
  return isWrite(endpoint) && endpoint.isSecret !== true
}

/** Whether it changes something. */
export function isWrite({ method, isReading }: Pick<Endpoint, 'method' | 'isReading'>): boolean {
  return method !== 'get' && isReading !== true
}
