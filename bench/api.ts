// How long the HTTP API takes at a steady rate of requests: `npm run bench:api`.
//
// The API, its Postgres and this program share the machine. Requests are sent when they are due, whether or not those
// before were answered, and timed from then: a stall counts for all that it holds up.

import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { prepareDatabase } from '../src/prepare-database.ts'
import { startTestServer } from '../tests/support/server.ts'
import { type Percentiles, percentiles } from './percentiles.ts'
import { type Api, type Call, startApi } from './support/api.ts'

const requestsASecond = 200
const warmUpSeconds = 10
const rounds = 3
const secondsOfEach = 20
const schedules = 10_000
const runsOfEach = 20
const targets = { reads: 20, writes: 30 }

const schedulePath = (turn: number) => `/schedules/schedule-${turn % schedules}`

/** What is asked, and how often of a hundred. */
const mix: Record<string, { readonly share: number; readonly kind: 'reads' | 'writes'; call(turn: number): Call }> = {
  'GET /schedules': { share: 15, kind: 'reads', call: () => ({ path: '/schedules' }) },
  'GET /schedules?search': {
    share: 5,
    kind: 'reads',
    call: (turn) => ({ path: `/schedules?search=le-${turn % 100}&tags=even` }),
  },
  'GET /schedules/{id}': { share: 20, kind: 'reads', call: (turn) => ({ path: schedulePath(turn) }) },
  'GET /schedules/{id}/history': {
    share: 15,
    kind: 'reads',
    call: (turn) => ({ path: `${schedulePath(turn)}/history` }),
  },
  'GET /runs': { share: 10, kind: 'reads', call: () => ({ path: '/runs?status=failed' }) },
  'GET /schedules/{id}/preview': {
    share: 5,
    kind: 'reads',
    call: (turn) => ({ path: `${schedulePath(turn)}/preview` }),
  },
  'POST /schedules': {
    share: 10,
    kind: 'writes',
    call: (turn) => ({
      path: '/schedules',
      method: 'POST',
      body: { name: `new-${turn}`, task_name: 'echo', cron_expression: '0 9 * * 1-5', timezone: 'Asia/Tokyo' },
      headers: { 'idempotency-key': `new-${turn}` },
    }),
  },
  'PATCH /schedules/{id}': {
    share: 10,
    kind: 'writes',
    call: (turn) => ({ path: schedulePath(turn * 7), method: 'PATCH', body: { description: `turn ${turn}` } }),
  },
  'POST /schedules/{id}/trigger': {
    share: 10,
    kind: 'writes',
    call: (turn) => ({ path: `${schedulePath(turn * 3)}/trigger`, method: 'POST' }),
  },
}

const turns = Object.entries(mix).flatMap(([name, { share }]) => Array.from({ length: share }, () => name))

const server = await startTestServer()
const api = await startApi(await fill(server.connectionString))
try {
  process.stderr.write(`warming up for ${warmUpSeconds} s …\n`)
  await load(api, 0, warmUpSeconds)
  const measured: Map<string, number[]>[] = []
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`${requestsASecond} requests a second for ${secondsOfEach} s …\n`)
    const firstTurn = (warmUpSeconds + round * secondsOfEach) * requestsASecond
    measured.push(await load(api, firstTurn, secondsOfEach))
  }
  tell(measured)
} finally {
  await api.stop()
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

/** Sends what is due and answers how long each took, by name. */
async function load(api: Api, from: number, forSeconds: number): Promise<Map<string, number[]>> {
  const durations = new Map<string, number[]>(Object.keys(mix).map((name) => [name, []]))
  const begin = performance.now()
  const underWay: Promise<void>[] = []
  for (let turn = 0; turn < forSeconds * requestsASecond; turn += 1) {
    const dueAt = begin + (turn * 1_000) / requestsASecond
    const wait = dueAt - performance.now()
    if (wait > 1) await delay(wait)
    const name = turns[(turn * 37) % turns.length] ?? ''
    const call = mix[name]?.call(from + turn)
    if (call === undefined) throw new Error(`nothing to ask for ${name}`)
    underWay.push(
      api.send(call).then(() => {
        durations.get(name)?.push(performance.now() - dueAt)
      }),
    )
  }
  await Promise.all(underWay)
  return durations
}

/** Tells of each round, and judges by the median one: a machine shared with others stalls now and then. */
function tell(measured: readonly Map<string, number[]>[]): void {
  const namesOf = (kind: string) => Object.keys(mix).filter((name) => mix[name]?.kind === kind)
  const over = (durations: readonly Map<string, number[]>[], names: readonly string[]) =>
    percentiles(durations.flatMap((round) => names.flatMap((name) => round.get(name) ?? [])))
  const rows = Object.keys(mix).map((name) => [name, over(measured, [name])] as const)
  const results = { reads: over(measured, namesOf('reads')), writes: over(measured, namesOf('writes')) }
  console.table(Object.fromEntries<Percentiles>([...rows, ...Object.entries(results)]))
  const p99OfRounds = (kind: string) => measured.map((round) => over([round], namesOf(kind)).p99)
  const p99 = { reads: p99OfRounds('reads'), writes: p99OfRounds('writes') }
  const isMet = median(p99.reads) <= targets.reads && median(p99.writes) <= targets.writes
  console.log(
    JSON.stringify({
      bench: 'api',
      requests_a_second: requestsASecond,
      cpus: cpus().length,
      ...results,
      p99_of_rounds: p99,
      targets,
      met_by_median_round: isMet,
    }),
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
