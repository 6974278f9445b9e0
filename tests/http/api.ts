import { pino } from 'pino'
import type { Test } from 'tap'
import { runApi } from '../../src/http/run-api.ts'
import { type System, testSystem } from '../support/system.ts'

interface Answer {
  readonly status: number
  readonly type: string | null
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server says; tests match parts of it
  readonly body: any
}

export interface Api extends System {
  readonly url: string
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** A running API on a database of the test's own. Paths are below `/api/v1`. */
export async function testApi(t: Pick<Test, 'teardown'>): Promise<Api> {
  const system = await testSystem(t)
  const { connectionString } = system
  const api = await runApi({ connectionString, host: '127.0.0.1', port: 0, log: pino({ level: 'silent' }) })
  t.teardown(() => api.stop())
  return {
    ...system,
    url: api.url,
    async request(method, path, body, headers = {}) {
      const response = await fetch(`${api.url}/api/v1${path}`, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return { status: response.status, type: response.headers.get('content-type'), body: await response.json() }
    },
  }
}
