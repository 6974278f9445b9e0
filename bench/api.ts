// How long the HTTP API takes at a steady rate of requests: `npm run bench:api`.
//
// The API, its Postgres and this program share the machine. Requests are sent when they are due, whether or not those
// before were answered, and timed from then: a stall counts for all that it holds up.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { Client } from '../src/client/client.ts'
import { prepareDatabase } from '../src/prepare-database.ts'
import { startTestServer } from '../tests/support/server.ts'
import { type Percentiles, percentiles } from './percentiles.ts'

const requestsASecond = 200
const warmUpSeconds = 10
const seconds = 30
const schedules = 10_000
const runsOfEach = 20
const targets = { reads: 20, writes: 30 }

type Send = (client: Client, turn: number) => Promise<unknown>

const nameOf = (turn: number) => `schedule-${turn % schedules}`

/** What is asked, and how often of a hundred. */
const mix: Record<string, { readonly share: number; readonly kind: 'reads' | 'writes'; readonly send: Send }> = {
  'GET /schedules': { share: 15, kind: 'reads', send: (client) => client.call('GET /schedules') },
  'GET /schedules?search': {
    share: 5,
    kind: 'reads',
    send: (client, turn) => client.call('GET /schedules', { query: { search: `le-${turn % 100}`, tags: ['even'] } }),
  },
  'GET /schedules/{id}': {
    share: 20,
    kind: 'reads',
    send: (client, turn) => client.call('GET /schedules/{id}', { params: { id: nameOf(turn) } }),
  },
  'GET /schedules/{id}/history': {
    share: 15,
    kind: 'reads',
    send: (client, turn) => client.call('GET /schedules/{id}/history', { params: { id: nameOf(turn) } }),
  },
  'GET /runs': {
    share: 10,
    kind: 'reads',
    send: (client) => client.call('GET /runs', { query: { status: ['failed'] } }),
  },
  'GET /schedules/{id}/preview': {
    share: 5,
    kind: 'reads',
    send: (client, turn) => client.call('GET /schedules/{id}/preview', { params: { id: nameOf(turn) } }),
  },
  'POST /schedules': {
    share: 10,
    kind: 'writes',
    send: (client, turn) =>
      client.call('POST /schedules', {
        body: { name: `new-${turn}`, task_name: 'echo', cron_expression: '0 9 * * 1-5', timezone: 'Asia/Tokyo' },
        idempotencyKey: `new-${turn}`,
      }),
  },
  'PATCH /schedules/{id}': {
    share: 10,
    kind: 'writes',
    send: (client, turn) =>
      client.call('PATCH /schedules/{id}', { params: { id: nameOf(turn * 7) }, body: { description: `turn ${turn}` } }),
  },
  'POST /schedules/{id}/trigger': {
    share: 10,
    kind: 'writes',
    send: (client, turn) => client.call('POST /schedules/{id}/trigger', { params: { id: nameOf(turn * 3) } }),
  },
}

const turns = Object.entries(mix).flatMap(([name, { share }]) => Array.from({ length: share }, () => name))

const server = await startTestServer()
const api = await startApi(await fill(server.connectionString))
try {
  const client = new Client({ url: api.url })
  process.stderr.write(`warming up for ${warmUpSeconds} s …\n`)
  await load(client, 0, warmUpSeconds)
  process.stderr.write(`${requestsASecond} requests a second for ${seconds} s …\n`)
  const durations = await load(client, warmUpSeconds * requestsASecond, seconds)
  tell(durations)
} finally {
  api.process.kill('SIGTERM')
  await once(api.process, 'exit')
  await server.stop()
}

/** A database with schedules and runs in it; answers where it is. */
async function fill(connectionString: string): Promise<string> {
  const admin = new pg.Client(connectionString)
  await admin.connect()
  await admin.query('create database bench')
  await admin.end()
  const url = new URL(connectionString)
  url.pathname = '/bench'
  await prepareDatabase(url.href)
  const database = new pg.Client(url.href)
  await database.connect()
  process.stderr.write(`${schedules} schedules, ${schedules * runsOfEach} runs …\n`)
  await database.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression, tags)
     select 'schedule-' || n, 'echo', '0 9 * * *', case n % 2 when 0 then array['even'] else '{}' end
     from generate_series(0, $1::int - 1) n`,
    [schedules],
  )
  // The days that a leader would have made partitions for, one by one.
  await database.query('select pgbeat.create_run_partitions(current_date - $1::int, current_date - 2)', [runsOfEach])
  await database.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
       attempt, queued_at, started_at, finished_at)
     select s.id, s.name, s.task_name, s.payload, day, 'schedule', case when random() < 0.01 then 'failed' else 'succeeded' end,
       3, 1, day, day, day
     from pgbeat.schedules s, generate_series(1, $1::int) n, lateral (select date_trunc('day', now()) - n * interval '1 day' as day) d`,
    [runsOfEach],
  )
  await database.query('vacuum analyze')
  await database.end()
  return url.href
}

async function startApi(connectionString: string): Promise<{ process: ChildProcess; url: string }> {
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
  const env = { ...process.env, DATABASE_URL: connectionString, PGBEAT_PORT: '0' }
  const child = spawn(process.execPath, [main, 'api'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) {
    const { url } = JSON.parse(line)
    if (url === undefined) continue
    child.stdout.resume()
    return { process: child, url }
  }
  throw new Error('the API did not start')
}

/** Sends what is due and answers how long each took, by name. */
async function load(client: Client, from: number, forSeconds: number): Promise<Map<string, number[]>> {
  const durations = new Map<string, number[]>(Object.keys(mix).map((name) => [name, []]))
  const begin = performance.now()
  const underWay: Promise<void>[] = []
  for (let turn = 0; turn < forSeconds * requestsASecond; turn += 1) {
    const dueAt = begin + (turn * 1_000) / requestsASecond
    const wait = dueAt - performance.now()
    if (wait > 1) await delay(wait)
    const name = turns[(turn * 37) % turns.length] ?? ''
    const sent = mix[name]?.send(client, from + turn)
    underWay.push(
      Promise.resolve(sent).then(() => {
        durations.get(name)?.push(performance.now() - dueAt)
      }),
    )
  }
  await Promise.all(underWay)
  return durations
}

function tell(durations: Map<string, number[]>): void {
  const ofKind = (kind: string) =>
    percentiles(Object.keys(mix).flatMap((name) => (mix[name]?.kind === kind ? (durations.get(name) ?? []) : [])))
  const results = { reads: ofKind('reads'), writes: ofKind('writes') }
  const rows = [...Object.keys(mix).map((name) => [name, percentiles(durations.get(name) ?? [])] as const)]
  console.table(Object.fromEntries<Percentiles>([...rows, ...Object.entries(results)]))
  const isMet = results.reads.p99 <= targets.reads && results.writes.p99 <= targets.writes
  console.log(
    JSON.stringify({
      bench: 'api',
      requests_a_second: requestsASecond,
      cpus: cpus().length,
      ...results,
      targets,
      met: isMet,
    }),
  )
}
