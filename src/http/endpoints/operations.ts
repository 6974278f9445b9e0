import { z } from 'zod'
import { ownPackage } from '../../own-package.ts'
import { isReachable } from '../../store/database.ts'
import { pendingMigrations } from '../../store/migrate.ts'
import { sendDashboard, wantsPage } from '../dashboard.ts'
import { docsPage, docsPolicy } from '../docs-page.ts'
import { httpEndpoint } from '../endpoint.ts'

const tag = 'Operations'

export const indexEndpoint = httpEndpoint({
  id: 'getIndex',
  method: 'get',
  path: '/',
  tag,
  role: null,
  summary: 'Show where things are',
  description: 'To a browser, the dashboard.',
  status: 200,
  content: z.object({
    data: z.object({
      name: z.string(),
      version: z.string(),
      api: z.string(),
      docs: z.string(),
      openapi: z.string(),
      health: z.string(),
      metrics: z.string(),
    }),
  }),
  async handle(_call, _services, { request, response }) {
    response.vary('Accept')
    if (wantsPage(request)) {
      sendDashboard(response)
      return undefined
    }
    const { name, version } = ownPackage
    return {
      content: {
        data: {
          name,
          version,
          api: '/api/v1',
          docs: '/docs',
          openapi: '/openapi.json',
          health: '/healthz',
          metrics: '/metrics',
        },
      },
    }
  },
})

const health = z.object({
  status: z.enum(['ok', 'unavailable']),
  database: z.enum(['up', 'unreachable']),
})

export const healthEndpoint = httpEndpoint({
  id: 'getHealth',
  method: 'get',
  path: '/healthz',
  tag,
  role: null,
  summary: 'Tell whether this process can do its work',
  description: "It can't without Postgres, which is asked each time.",
  status: 200,
  content: health,
  others: { 503: { when: 'Postgres does not answer within 2 s', content: health } },
  async handle(_call, { probe }) {
    const isUp = (await probe.ask(isReachable)) ?? false
    return isUp
      ? { content: { status: 'ok' as const, database: 'up' as const } }
      : { status: 503, content: { status: 'unavailable', database: 'unreachable' } }
  },
})

const readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({
    database: z.enum(['up', 'unreachable']),
    migrations: z.enum(['current', 'pending', 'unknown']),
  }),
})

export const readinessEndpoint = httpEndpoint({
  id: 'getReadiness',
  method: 'get',
  path: '/readyz',
  tag,
  role: null,
  summary: 'Tell whether requests should be sent here',
  status: 200,
  content: readiness,
  others: { 503: { when: 'Postgres does not answer within 2 s, or lacks migrations', content: readiness } },
  async handle(_call, { probe }) {
    const pending = await probe.ask(pendingMigrations)
    const database = pending === undefined ? 'unreachable' : 'up'
    const migrations = pending === undefined ? 'unknown' : pending.length === 0 ? 'current' : 'pending'
    const checks = { database, migrations } as const
    return migrations === 'current'
      ? { content: { status: 'ready' as const, checks } }
      : { status: 503, content: { status: 'not_ready', checks } }
  },
})

export const openApiEndpoint = httpEndpoint({
  id: 'getOpenApi',
  method: 'get',
  path: '/openapi.json',
  tag,
  role: null,
  summary: 'Show this document',
  status: 200,
  content: z.looseObject({ openapi: z.string() }),
  async handle(_call, { openApi }, { response }) {
    response.type('json').end(openApi)
    return undefined
  },
})

export const docsEndpoint = httpEndpoint({
  id: 'getDocs',
  method: 'get',
  path: '/docs',
  tag,
  role: null,
  summary: 'Show this document to people',
  status: 200,
  content: z.string(),
  mediaType: 'text/html',
  async handle(_call, _services, { response }) {
    response.set('Content-Security-Policy', docsPolicy).type('html').end(docsPage)
    return undefined
  },
})

export const metricsEndpoint = httpEndpoint({
  id: 'getMetrics',
  method: 'get',
  path: '/metrics',
  tag,
  role: 'viewer',
  summary: 'Show the metrics of all nodes',
  description: 'In the text format of Prometheus; docs/reference/metrics.md lists them.',
  status: 200,
  content: z.string(),
  mediaType: 'text/plain',
  async handle(_call, { metricsText }, { response }) {
    const { contentType, body } = await metricsText()
    response.set('Content-Type', contentType).end(body)
    return undefined
  },
})
