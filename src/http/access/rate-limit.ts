import type { Request, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { Problem } from '../problem.ts'

const windowMs = 60_000

/**
 * Counts requests by client, in windows of a minute.
 * @param limit requests a minute; 0 = any number
 */
export function limitRate(limit: number, clientOf: (request: Request) => string): RequestHandler {
  if (limit === 0) return (_request, _response, next) => next()
  return rateLimit({
    windowMs,
    limit,
    keyGenerator: clientOf,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) => {
      next(new Problem('rate_limited', `more than ${limit} requests in a minute: wait as long as Retry-After says`))
    },
  })
}
