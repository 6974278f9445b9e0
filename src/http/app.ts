import express, { type Express, type RequestHandler } from 'express'
import type { Logger } from 'pino'
import packageJson from '../../package.json' with { type: 'json' }
import type { Db } from '../store/tables.ts'
import { backfillsRouter } from './backfills.ts'
import { forecastRouter } from './forecast.ts'
import { refuseForeignPages } from './guard.ts'
import { healthRouter } from './health.ts'
import { previewRouter } from './preview.ts'
import { Problem, problemHandler } from './problem.ts'
import { runsRouter } from './runs.ts'
import { schedulesRouter } from './schedules.ts'

/** A body of another type would count as none, and be misunderstood. */
const refuseOtherMediaTypes: RequestHandler = (request, _response, next) => {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  const hasBody = encoding !== undefined || Number(length ?? 0) > 0
  if (hasBody && !request.is('json')) {
    const message = 'send the body as application/json'
    throw new Problem(415, 'unsupported_media_type', message, [{ field: 'content-type', message }])
  }
  next()
}

export interface AppOptions {
  readonly db: Db
  /** Connections of its own for the health check. */
  readonly health: Db
  readonly log: Logger
}

export function createApp({ db, health, log }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(refuseForeignPages)
  app.use(refuseOtherMediaTypes)
  app.use(express.json({ limit: '1mb' }))
  app.get('/', (_request, response) => {
    response.json({ data: { name: 'pgbeat', version: packageJson.version, api: '/api/v1', health: '/healthz' } })
  })
  app.use(healthRouter(health))
  app.use(
    '/api/v1',
    healthRouter(health),
    schedulesRouter(db),
    previewRouter(db),
    forecastRouter(db),
    backfillsRouter(db),
    runsRouter(db),
  )
  app.use((request) => {
    throw new Problem(404, 'no_such_route', `there is no ${request.method} ${request.path}`)
  })
  app.use(problemHandler(log))
  return app
}
