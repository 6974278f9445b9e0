import fc from 'fast-check'
import t from 'tap'
import { addKey } from '../support/api-keys.ts'
import { testApi } from './api.ts'
import { offence, operationFor, operations, validatorOf } from './contract.ts'
import { type GeneratedRequest, requestsTo } from './requests.ts'

const howMany = 10_000
const atOnce = 8
const seed = Number(process.env.SEED ?? 1)

t.setTimeout(600_000)

t.test(`${howMany} requests made from the document: each answer is one that it describes`, async (t) => {
  const { url, db, pool } = await testApi(t)
  // The first key that was created would be the last request that is answered.
  const { token } = await addKey(db, 'ann', 'admin')
  const haveSchedules = () =>
    pool.query(
      `insert into pgbeat.schedules (name, task_name, every) values ('first', 'echo', '1 hour'), ('second', 'echo', '1 hour')
       on conflict do nothing`,
    )
  await haveSchedules()
  await pool.query(`select pgbeat.trigger('first'), pgbeat.trigger('first'), pgbeat.trigger('second')`)
  const quick = operations.filter(({ operationId }) => operationId !== 'followEvents')
  const requests = fc.sample(fc.constantFrom(...quick).chain(requestsTo), { numRuns: howMany, seed })
  const statuses = new Map<number, number>()
  const wrong: string[] = []
  const sender = async () => {
    for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
      // Some of the requests delete them.
      if (requests.length % 20 === 0) await haveSchedules()
      const { status, problem } = await send(url, token, request)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (problem !== null)
        wrong.push(`${request.operation.method} ${request.path} ${JSON.stringify(request.body)}\n  ${problem}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sender))
  t.same(wrong.slice(0, 10), [], `${wrong.length} are not`)
  const isAny = (first: number) => [...statuses].some(([status]) => Math.floor(status / 100) === first)
  t.ok(isAny(2) && isAny(4), 'both what fits and what does not was sent')
  t.notOk(isAny(5), 'and the server never failed')
  t.comment(Object.fromEntries(statuses))
})

async function send(url: string, token: string, { operation, path, headers, body }: GeneratedRequest) {
  const target = new URL(`${url}${path}`)
  const response = await fetch(target, {
    method: operation.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const { status } = response
  const type = response.headers.get('content-type')
  const text = await response.text()
  const answer = { status, type, body: /\bjson\b/.test(type ?? '') ? JSON.parse(text) : text }
  // A path with dots in it is another one.
  const served = operationFor(operation.method, target.pathname)
  if (status >= 500) return { status, problem: text }
  if (served === undefined) return { status, problem: null }
  return {
    status,
    problem: offence(served, answer) ?? (served === operation ? leniency(operation, body, status) : null),
  }
}

/** A body that the document rules out has to be refused. */
function leniency(
  { operationId, requestBody }: GeneratedRequest['operation'],
  body: unknown,
  status: number,
): string | null {
  const schema = requestBody?.content['application/json']?.schema
  if (schema === undefined || body === undefined || status >= 400) return null
  return validatorOf(schema)(JSON.parse(JSON.stringify(body))) ? null : `${operationId} took a body that it should not`
}
