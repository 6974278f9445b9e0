import type { RequestHandler } from 'express'
import type { AnsweredRequest } from '../../metrics/api-metrics.ts'

export type ObserveRequest = (request: AnsweredRequest) => void

/** What no route took: paths that people make up must not become labels. */
const unmatched = 'unmatched'

/** Tells of each request how long its answer took, by its route's template. */
export function observeRequests(observe: ObserveRequest): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    response.once('finish', () => {
      const seconds = (performance.now() - startedAt) / 1_000
      const route = typeof request.route?.path === 'string' ? templateOf(request.route.path) : unmatched
      observe({ method: request.method, route, status: response.statusCode, seconds })
    })
    next()
  }
}

/** As the OpenAPI document writes it. */
function templateOf(route: string): string {
  return route.replaceAll(/:(\w+)/g, '{$1}')
}
