import { Histogram, Registry } from 'prom-client'
import { requestBuckets } from './buckets.ts'

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string
  /** The template, such as `/api/v1/schedules/{id}`: never the path itself, for there would be a series for each. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** What an API counts. */
export function apiMetrics(): { registry: Registry; observeRequest(request: AnsweredRequest): void } {
  const registry = new Registry()
  const duration = new Histogram({
    name: 'pgbeat_http_request_duration_seconds',
    help: 'How long requests took, by method, route and status; its count is the number of requests. Any other than the common methods is OTHER; status 499 is of clients that went away before they had the answer, and event streams are left out',
    labelNames: ['method', 'route', 'status'],
    buckets: requestBuckets,
    registers: [registry],
  })
  return {
    registry,
    observeRequest({ method, route, status, seconds }) {
      duration.observe({ method: methods.has(method) ? method : 'OTHER', route, status: String(status) }, seconds)
    },
  }
}
