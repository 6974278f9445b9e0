// Every answer that the document promises is one that the server gives.

import { request as rawRequest } from 'node:http'
import t from 'tap'
import { addKey } from '../support/api-keys.ts'
import { type Api, type Request, serveOn, testApi } from './api.ts'
import { type Operation, offence, operations } from './contract.ts'

const seen = new Set<string>()

/** What a query can't do without. */
const needed: Record<string, string> = {
  listRecentRuns: '?schedule_ids=00000000-0000-4000-8000-000000000000',
}

interface Asked {
  readonly id?: string | undefined
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** Sends a request that works, but for what is asked of it, and notes the status of the answer. */
async function ask(request: Request, operation: Operation, asked: Asked = {}): Promise<void> {
  const { id = '1', query = needed[operation.operationId] ?? '', body = exampleOf(operation), headers = {} } = asked
  const path = operation.path.replace('/api/v1', '').replace('{id}', id)
  const { status } = await request(operation.method, `${path}${query}`, body, headers)
  seen.add(`${operation.operationId} ${status}`)
}

/** With a name of its own, where it has one. */
function exampleOf({ operationId, requestBody }: Operation): unknown {
  const example = requestBody?.content['application/json']?.example
  return example && typeof example === 'object' && 'name' in example ? { ...example, name: operationId } : example
}

/** Something that the operation works with. */
async function subjectOf({ db, pool, request }: Api, { path, operationId }: Operation): Promise<string | undefined> {
  const name = `for ${operationId}`
  const schedule = async () => {
    await pool.query(
      `insert into pgbeat.schedules (name, task_name, cron_expression) values ($1, 'echo', '0 * * * *')`,
      [name],
    )
    return name
  }
  if (path.includes('/schedules/{id}')) return schedule()
  if (path.includes('/runs/{id}')) {
    const { body } = await request('POST', `/schedules/${encodeURIComponent(await schedule())}/trigger`)
    if (path.endsWith('/retry')) await request('POST', `/runs/${body.data.id}/cancel`)
    return body.data.id
  }
  if (path.includes('/nodes/{id}')) {
    const { rows } = await pool.query<{ id: string }>(
      `insert into pgbeat.nodes (id, kind, host, pid, version) values (gen_random_uuid(), 'worker', 'h', 1, '0') returning id`,
    )
    return rows[0]?.id
  }
  if (path.includes('/keys/{id}')) return (await addKey(db, name)).key.id
  if (path.includes('/backfills/{id}')) {
    const range = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-02T00:00:00Z' }
    const { body } = await request('POST', `/schedules/${encodeURIComponent(await schedule())}/backfill`, range)
    return body.data.id
  }
  return undefined
}

t.setTimeout(120_000)

t.test('each operation answers with each status that it documents', async (t) => {
  const api = await testApi(t)
  const { connectionString } = api
  const limited = await serveOn(t, { connectionString, rateLimit: 1 })
  const unreachable = await serveOn(t, { connectionString: 'postgres://nobody@127.0.0.1:9/nothing' })
  const guarded = await testApi(t)
  const viewer = await addKey(guarded.db, 'viewer', 'viewer')
  const asViewer = { authorization: `Bearer ${viewer.token}` }
  const admin = await addKey(guarded.db, 'admin', 'admin')
  const asAdmin: Request = (method, path, body, headers) =>
    guarded.request(method, path, body, { authorization: `Bearer ${admin.token}`, ...headers })

  for (const operation of operations) {
    const documents = (status: string) => status in operation.responses
    // The first key would close the one that is open.
    const isOfKeys = operation.path.includes('/keys')
    const request = isOfKeys ? asAdmin : api.request
    const id = await subjectOf(isOfKeys ? guarded : api, operation)
    await ask(guarded.request, operation)
    if (documents('403')) await ask(guarded.request, operation, { headers: asViewer })
    if (documents('403')) seen.add(`${operation.operationId} ${await askFromElsewhere(api, operation)}`)
    if (documents('412')) await ask(request, operation, { id, headers: { 'if-match': '"99"' } })
    if (documents('202') && documents('200')) {
      await ask(request, operation, { id, body: { ...(exampleOf(operation) as object), dry_run: true } })
    }
    await ask(request, operation, { id })
    if (operation.operationId === 'logIn') await ask(guarded.request, operation, { body: { key: viewer.token } })
    if (operation.operationId === 'createKey') await ask(request, operation)
    if (operation.operationId === 'applySchedules') {
      await ask(request, operation, { body: { schedules: [], revisions: { 'not there': 1 } } })
    }
    await ask(request, operation, { id, query: '?%ff' })
    await ask(request, operation, { id, query: '?surprise=1' })
    if (documents('404')) await ask(request, operation, { id: '999999' })
    if (documents('413')) await ask(request, operation, { id, body: 'x'.repeat(1_100_000) })
    if (documents('415')) await ask(request, operation, { id, body: 'x', headers: { 'content-type': 'text/plain' } })
    for (let i = 0; documents('429') && i < 2; i += 1)
      await ask(limited.request, operation, { id, query: '?surprise=1' })
    if (documents('503')) await ask(unreachable.request, operation, { id })
  }
  await askWhileLocked(api)

  for (const { operationId, responses } of operations) {
    const given = Object.keys(responses).filter((status) => seen.has(`${operationId} ${status}`))
    t.same(given, Object.keys(responses), operationId)
  }
})

/** The status of a request by a name that a page of somebody else's could have. */
function askFromElsewhere({ url }: Api, operation: Operation): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { method: operation.method, headers: { host: 'evil.example' } }
    rawRequest(`${url}${operation.path.replace('{id}', '1')}`, options, async (response) => {
      const chunks = await response.toArray()
      const body = JSON.parse(Buffer.concat(chunks).toString())
      const type = response.headers['content-type'] ?? null
      const wrong = offence(operation, { status: response.statusCode ?? 0, type, body })
      if (wrong === null) resolve(response.statusCode)
      else reject(new Error(wrong))
    })
      .on('error', reject)
      .end()
  })
}

/** Asks while somebody else is doing the same, and has not finished. */
async function askWhileLocked(api: Api): Promise<void> {
  const other = await api.pool.connect()
  const waiting = operations.filter(({ responses }) => '409' in responses)
  await other.query('begin')
  await other.query(
    `insert into pgbeat.idempotency_keys (caller, key, fingerprint) select 'api', unnest($1::text[]), ''`,
    [waiting.map(({ operationId }) => operationId)],
  )
  // An API has room for five that wait.
  while (waiting.length > 0) {
    const others = waiting.splice(0, 5)
    await Promise.all(
      others.map((operation) => ask(api.request, operation, { headers: { 'idempotency-key': operation.operationId } })),
    )
  }
  await other.query('rollback')
  other.release()
}
