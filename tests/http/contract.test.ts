import type { Router } from 'express'
import { pino } from 'pino'
import t from 'tap'
import { createApp } from '../../src/http/app.ts'
import type { Gate } from '../../src/http/serve.ts'
import type { HttpServices } from '../../src/http/services.ts'
import { document, operations } from './contract.ts'

t.test('the document is OpenAPI 3.1, and every operation has a name of its own', async (t) => {
  t.match(document.openapi, /^3\.1\./)
  const names = operations.map(({ operationId }) => operationId)
  t.same([...new Set(names)], names)
  t.ok(names.length > 35)
})

t.test('every route is in the document, and the document has no others', async (t) => {
  const gate = { limitRate: (_request, _response, next) => next() } as Gate
  const app = createApp({ services: {} as HttpServices, gate, log: pino({ level: 'silent' }), observe: () => {} })
  const documented = operations.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
  t.same(routesOf(app.router).sort(), documented.sort())
})

function routesOf(router: Router): string[] {
  return router.stack.flatMap(({ route, handle }) => {
    if (route === undefined) return 'stack' in handle ? routesOf(handle as unknown as Router) : []
    const methods = route.stack.map(({ method }) => method).filter((method) => method !== undefined)
    return [...new Set(methods)].map((method) => `${method.toUpperCase()} ${route.path}`)
  })
}
