import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { dashboardAssets, dashboardPages } from './dashboard.ts'
import { docsAssets } from './docs-page.ts'
import { endpoints } from './endpoints.ts'
import { Problem } from './problem.ts'
import { problemHandler } from './problem-handler.ts'
import { logRequests } from './requests/request-log.ts'
import { type ObserveRequest, observeRequests } from './requests/request-metrics.ts'
import { type Gate, serve } from './serve.ts'
import type { HttpServices } from './services.ts'

export interface AppOptions {
  readonly services: HttpServices
  readonly gate: Gate
  readonly log: Logger
  readonly observe: ObserveRequest
}

/** Answers are data; the pages say for themselves what they may load. */
const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
})

/** What is said about the process itself is also to be had where the rest of the API is. */
const operationsBelowApi: RequestHandler = (request, _response, next) => {
  request.url = request.url.replace(/^\/api\/v1(?=\/(?:healthz|readyz|metrics|openapi\.json|docs)(?:[?]|$))/, '')
  next()
}

/** What was true a moment ago need not be any more. */
const refuseCaches: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}

export function createApp({ services, gate, log, observe }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('case sensitive routing', true)
  app.use(logRequests(log))
  app.use(observeRequests(observe))
  app.use(headers)
  app.use(operationsBelowApi)
  app.use('/docs/assets', docsAssets())
  app.use('/assets', dashboardAssets())
  app.use(refuseCaches)
  app.use(serve(endpoints, services, gate))
  app.use(dashboardPages)
  app.use((request) => {
    throw new Problem('no_such_route', `there is no ${request.path}`)
  })
  app.use(problemHandler(log))
  return app
}
