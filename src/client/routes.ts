import type { z } from 'zod'
import type { ParamsOf } from '../http/endpoint.ts'
import type { endpoints } from '../http/endpoints.ts'

type Served = (typeof endpoints)[number]

type WithoutPrefix<Path extends string> = Path extends `/api/v1${infer Rest}` ? Rest : Path

/** Every endpoint by what it is called with, such as `GET /schedules/{id}`. */
type Api = { readonly [E in Served as `${Uppercase<E['method']>} ${WithoutPrefix<E['path']>}`]: E }

/** An endpoint by its method and its path below `/api/v1`, such as `GET /schedules/{id}`. */
export type Route = keyof Api

/** Those that are about what there is, not about HTTP or the process that serves it. */
export type PlainRoute = { [R in Route]: Api[R] extends { readonly isOfHttp: true } ? never : R }[Route]

/** As it arrives: JSON has no dates. */
export type Json<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Json<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Json<Value[Key]> }
      : Value

/** Numbers, flags and instants may be given as such. */
type InQuery<Value> = string extends Value ? Value | number | boolean | Date : Value

type Given<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined

export type QueryOf<R extends Route> = {
  readonly [Key in keyof Given<NonNullable<Api[R]['query']>>]: InQuery<Given<NonNullable<Api[R]['query']>>[Key]>
}

type Part<Name extends string, Value> = unknown extends Value
  ? unknown
  : [Value] extends [undefined]
    ? unknown
    : undefined extends Value
      ? { readonly [Key in Name]?: Value }
      : { readonly [Key in Name]: Value }

/** What a call takes: `params` for the path, `query` and `body`, as far as the endpoint has them. */
export type CallOptions<R extends Route> = Part<'params', ParamsOf<Api[R]['path']>> &
  Part<'query', QueryOf<R> | undefined> &
  Part<'body', Given<NonNullable<Api[R]['body']>>> & {
    /** Only if the schedule has this revision; otherwise it fails with `revision_mismatch`. */
    readonly ifMatch?: number
    /** Has a write done once, however often it is sent with the same key. */
    readonly idempotencyKey?: string
    readonly signal?: AbortSignal
  }

/** The answer's JSON. */
export type AnswerOf<R extends Route> = Json<z.output<Api[R]['content']>>

/** Routes whose answers are pages. */
export type ListRoute = {
  [R in Route]: AnswerOf<R> extends { data: unknown[]; meta: { next_cursor: string | null } } ? R : never
}[Route]

export type Arguments<Options> = object extends Options ? [options?: Options] : [options: Options]
