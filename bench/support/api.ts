import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { Process } from '../../tests/support/process.ts'

export interface Call {
  readonly path: string
  readonly method?: 'POST' | 'PATCH'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Api {
  /** Answers the body, not parsed, so that what this program takes of the machine stays small. */
  send(call: Call): Promise<string>
  stop(): Promise<void>
}

/** The API in a process of its own. */
export async function startApi(connectionString: string): Promise<Api> {
  const api = new Process({ program: 'api', connectionString, env: { PGBEAT_LOG_LEVEL: 'info' } })
  const { url } = await api.logged(({ url }) => url !== undefined)
  const agent = new Agent({ keepAlive: true })
  return {
    async send({ path, method = 'GET' as string, body, headers }) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const sent = request(`${url}/api/v1${path}`, { agent, method, headers: { ...headers, ...type } })
      sent.end(body === undefined ? undefined : JSON.stringify(body))
      const [response] = await once(sent, 'response')
      const answer = await text(response)
      if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${answer}`)
      return answer
    },
    async stop() {
      agent.destroy()
      await api.stop()
    },
  }
}
