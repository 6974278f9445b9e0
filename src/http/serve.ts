import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Admission } from './access/admission.ts'
import type { Caller, Endpoint } from './endpoint.ts'
import { type Performed, perform } from './perform.ts'
import { Problem } from './problem.ts'
import { askedOverHttp } from './requests/asked.ts'
import { readBody } from './requests/read-body.ts'
import type { HttpServices } from './services.ts'

const callers = new WeakMap<Request, Caller>()

export interface Gate {
  readonly admission: Admission
  readonly limitRate: RequestHandler
}

/** Routes for endpoints: each lets in who may, reads what is asked, and answers. */
export function serve(endpoints: readonly Endpoint[], services: HttpServices, { admission, limitRate }: Gate): Router {
  const router = Router({ caseSensitive: true })
  for (const endpoint of endpoints) {
    const identify: RequestHandler = async (request, _response, next) => {
      await admission.identify(request)
      next()
    }
    const admit: RequestHandler = (request, _response, next) => {
      callers.set(request, admission.admit(request, endpoint))
      next()
    }
    const answer: RequestHandler = async (request, response) => {
      const performed = await perform(endpoint, {
        asked: askedOverHttp(request),
        caller: callerOf(request),
        services,
        handle: (call, using) => endpoint.handle(call, using, { request, response }),
      })
      if (performed !== undefined) await send(response, performed)
    }
    // A good key counts by itself, whatever others send from the same address.
    const before = endpoint.role === null && endpoint.asksWho !== true ? [admit] : [identify, limitRate, admit]
    if (endpoint.body !== undefined) before.push(...readBody)
    router[endpoint.method](routeOf(endpoint.path), ...before, answer)
  }
  for (const [path, methods] of Map.groupBy(endpoints, ({ path }) => path)) {
    router.all(routeOf(path), refuseOtherMethods(methods.map(({ method }) => method)))
  }
  return router
}

/** As express writes it. */
function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

function callerOf(request: Request): Caller {
  const caller = callers.get(request)
  if (caller === undefined) throw new Error(`nobody was let in to ${request.path}`)
  return caller
}

async function send(response: Response, performed: NonNullable<Performed>): Promise<void> {
  response.type('json')
  if ('pieces' in performed) {
    await pipeline(Readable.from(performed.pieces), response).catch(ignoreLeaving)
    return
  }
  const { status, headers, body, isReplayed } = performed
  if (isReplayed) response.set('Idempotency-Replayed', 'true')
  response.status(status).set(headers).end(body)
}

/** Somebody who goes away before the end gets no more, and that is no error. */
function ignoreLeaving(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}

function refuseOtherMethods(methods: readonly string[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  const headers = { Allow: allowed.join(', ') }
  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.status(204).set(headers).end()
      return
    }
    throw new Problem('method_not_allowed', `there is no ${request.method} here, only ${allowed.join(' and ')}`, {
      headers,
    })
  }
}
