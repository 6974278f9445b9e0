import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { pinoHttp } from 'pino-http'
import { requestIdOf } from './request-id.ts'

/** What probes and scrapers ask every few seconds. */
const quiet = /^\/(?:api\/v1\/)?(?:healthz|readyz|metrics)(?:[?]|$)/

/** A line for each request, with its id, which the answer has as well. */
export function logRequests(log: Logger): RequestHandler {
  const logged = pinoHttp({
    logger: log,
    genReqId: requestIdOf,
    customAttributeKeys: { reqId: 'request_id', req: 'request', res: 'response', responseTime: 'duration_ms' },
    quietReqLogger: true,
    customLogLevel: (request, response) => {
      if (response.statusCode >= 500) return 'warn'
      return quiet.test(request.url ?? '') ? 'debug' : 'info'
    },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    serializers: {
      request: ({ method, url, remoteAddress }) => ({ method, url, remote_address: remoteAddress }),
      response: ({ statusCode }) => ({ status: statusCode }),
    },
  })
  return (request, response, next) => {
    response.set('X-Request-Id', requestIdOf(request))
    logged(request, response)
    next()
  }
}
