import type { RequestHandler, Response } from 'express'
import type { AnsweredRequest } from '../../metrics/api-metrics.ts'

export type ObserveRequest = (request: AnsweredRequest) => void

/** What no route took: paths that people make up must not become labels. */
const unmatched = 'unmatched'

/** As nginx logs it: the client went away before it had the whole answer. */
const clientWentAway = 499

/** Tells of each request how long its answer took, by its route's template; of a stream that says nothing. */
export function observeRequests(observe: ObserveRequest): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    response.once('close', () => {
      if (isStream(response)) return
      const seconds = (performance.now() - startedAt) / 1_000
      const route = typeof request.route?.path === 'string' ? templateOf(request.route.path) : unmatched
      const status = response.writableFinished ? response.statusCode : clientWentAway
      observe({ method: request.method, route, status, seconds })
    })
    next()
  }
}

function isStream(response: Response): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream')
}

/** As the OpenAPI document writes it. */
function templateOf(route: string): string {
  return route.replaceAll(/:(\w+)/g, '{$1}')
}
