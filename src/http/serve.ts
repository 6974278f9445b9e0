import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { KeptAnswer } from '../store/idempotency-keys.ts'
import type { Admission } from './access/admission.ts'
import { type Call, type Caller, type Endpoint, isWrite } from './endpoint.ts'
import { Problem } from './problem.ts'
import { idempotencyKeyOf, onceForKey } from './requests/idempotency.ts'
import { readBody } from './requests/read-body.ts'
import { readCall } from './requests/read-call.ts'
import type { Services } from './services.ts'

const callers = new WeakMap<Request, Caller>()

export interface Gate {
  readonly admission: Admission
  readonly limitRate: RequestHandler
}

/** Routes for endpoints: each lets in who may, reads what is asked, and answers. */
export function serve(endpoints: readonly Endpoint[], services: Services, { admission, limitRate }: Gate): Router {
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
      await perform(endpoint, callOf(endpoint, request), services, response)
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

function callOf(endpoint: Endpoint, request: Request) {
  const caller = callers.get(request)
  if (caller === undefined) throw new Error(`nobody was let in to ${endpoint.path}`)
  return readCall(endpoint, request, caller)
}

async function perform(
  endpoint: Endpoint,
  call: Call<unknown, unknown, unknown>,
  services: Services,
  response: Response,
): Promise<void> {
  const answer = async (using: Services): Promise<KeptAnswer | undefined> => {
    const given = await endpoint.handle(call, using, response)
    if (given === undefined) return undefined
    const { content, headers = {} } = given
    const status = 'status' in given ? given.status : endpoint.status
    return { status, headers, body: JSON.stringify(content) }
  }
  const own = isWrite(endpoint) ? { ...services, db: services.writes } : services
  const key = isWrite(endpoint) ? idempotencyKeyOf(call.request, endpoint) : null
  if (key === null) {
    const given = await answer(own)
    if (given !== undefined) send(response, given)
    return
  }
  const { isReplayed, ...given } = await onceForKey(own.db, { key, ...call }, async (trx) => {
    const written = await answer({ ...own, db: trx })
    if (written === undefined) throw new Error(`${endpoint.path} writes its own response`)
    return written
  })
  if (isReplayed) response.set('Idempotency-Replayed', 'true')
  send(response, given)
}

function send(response: Response, { status, headers, body }: KeptAnswer): void {
  response.status(status).set(headers).type('json').end(body)
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
