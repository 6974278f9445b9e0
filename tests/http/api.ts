import assert from 'node:assert/strict'
import { pino } from 'pino'
import type { Test } from 'tap'
import { ownReport } from '../../src/cli/own-report.ts'
import { type RunApiOptions, runApi } from '../../src/http/run-api.ts'
import { type System, testSystem } from '../support/system.ts'
import { offence, operationFor } from './contract.ts'

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server says; tests match parts of it
  readonly body: any
}

export type Request = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

export interface Api extends System {
  readonly url: string
  readonly request: Request
}

/** A running API on a database of the test's own. */
export async function testApi(t: Pick<Test, 'teardown'>, options: Partial<RunApiOptions> = {}): Promise<Api> {
  const system = await testSystem(t)
  const { url, request } = await serveOn(t, { connectionString: system.connectionString, ...options })
  return { ...system, url, request }
}

/** One more API, on a database that there is. */
export async function serveOn(
  t: Pick<Test, 'teardown'>,
  options: Partial<RunApiOptions> & Pick<RunApiOptions, 'connectionString'>,
): Promise<{ url: string; request: Request }> {
  const log = pino({ level: 'silent' })
  const diagnose = () => ownReport(options.connectionString, {})
  const api = await runApi({ host: '127.0.0.1', port: 0, rateLimit: 0, log, diagnose, ...options })
  t.teardown(() => api.stop())
  return { url: api.url, request: (...request) => send(api.url, ...request) }
}

/** Paths are below `/api/v1`, but for the root. Every answer has to be one that the OpenAPI document describes. */
async function send(url: string, ...[method, path, body, headers = {}]: Parameters<Request>): Promise<Answer> {
  const target = new URL(/^\/(?:[?]|$)/.test(path) ? `${url}${path}` : `${url}/api/v1${path}`)
  const response = await fetch(target, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const type = response.headers.get('content-type')
  // A stream has no end.
  const isStream = type?.startsWith('text/event-stream') ?? false
  const text = isStream ? '' : await response.text()
  if (isStream) await response.body?.cancel()
  const isJson = /\bjson\b/.test(type ?? '')
  const answer = { status: response.status, type, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  const operation =
    operationFor(method, target.pathname) ?? operationFor(method, target.pathname.slice('/api/v1'.length))
  if (operation !== undefined) assert.equal(offence(operation, answer), null)
  return answer
}
