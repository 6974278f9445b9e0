// A month of history: how long lists, details and the dropping of a day take, and what they do to the tick meanwhile:
// `npm run bench:history`, or `npm run bench:history -- 1000000` for fewer runs than ten million.
//
// Postgres (on disk, with fsync), a tick that fires 50 schedules a second, a worker, the API and this program share the
// machine. Requests are sent one after the other, each timed until its answer is there.

import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../src/dev/postgres.ts'
import { prepareDatabase } from '../src/prepare-database.ts'
import { overPool } from '../src/store/database.ts'
import { dropDay } from '../src/store/retention.ts'
import { commonTask, fillHistory, rareTask } from './history-data.ts'
import { type Percentiles, percentiles } from './percentiles.ts'
import { startProgram } from './program.ts'

const runs = Number(process.argv[2] ?? 10_000_000)
const days = 30
const firing = 50
const quietSeconds = 20
const repeats = 60
const daysToDrop = 5
const targets = { list_p50_ms: 10, drop_ms: 1_000 }

if (!Number.isInteger(runs) || runs < days)
  throw new Error(`how many runs? ${process.argv[2]} is no number above ${days}`)

const agent = new Agent({ keepAlive: true })
const directory = await mkdtemp(join(tmpdir(), 'pgbeat-history-'))
const settings = { shared_buffers: '1GB', max_wal_size: '8GB' }
const server = await startPostgres({ dataDir: join(directory, 'data'), settings })
const stops = [() => server.stop('immediate'), () => rm(directory, { recursive: true, force: true })]
try {
  await bench(server.connectionString)
} finally {
  agent.destroy()
  for (const stop of stops) await stop()
}

async function bench(connectionString: string): Promise<void> {
  await prepareDatabase(connectionString)
  const pool = new pg.Pool({ connectionString })
  pool.on('error', () => {})
  stops.unshift(() => pool.end())
  const filling = new pg.Client(connectionString)
  filling.on('error', () => {})
  await filling.connect()
  const startedAt = performance.now()
  const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(0)
  await fillHistory(filling, { runs, days, onDay: (day) => say(`${seconds()} s: the runs of ${day} days ago …`) })
  await filling.end()
  const size = await one<{ size: string }>(pool, 'select pg_size_pretty(pg_database_size(current_database())) as size')
  say(`${runs} runs in ${seconds()} s, ${size.size}`)

  const environment = { DATABASE_URL: connectionString, PGBEAT_RETENTION_DAYS: '0', PGBEAT_RATE_LIMIT: '0' }
  const api = await startProgram('api', { ...environment, PGBEAT_PORT: '0' }, ({ url }) => url !== undefined)
  stops.unshift(api.stop)
  const worker = await startProgram('worker', environment, ({ msg }) => msg === 'worker started')
  stops.unshift(worker.stop)
  const tick = await startProgram('tick', environment, ({ msg }) => msg === 'this tick leads')
  stops.unshift(tick.stop)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy)
     select 'live-' || n, $1, '* * * * * *', case n % 2 when 0 then 'allow' else 'skip' end from generate_series(1, $2::int) n`,
    [commonTask, firing],
  )
  await delay(5_000)

  say(`the tick alone for ${quietSeconds} s …`)
  const fireDelay: Record<string, Percentiles> = {}
  fireDelay['the tick alone'] = await fireDelayDuring(pool, () => delay(quietSeconds * 1_000))
  const lists: Record<string, Percentiles> = {}
  fireDelay['while lists are read'] = await fireDelayDuring(pool, () => readAll(`${api.line.url}/api/v1`, pool, lists))
  const drops: Drop[] = []
  fireDelay['while days are dropped'] = await fireDelayDuring(pool, async () => {
    for (let ago = days; ago > days - daysToDrop; ago -= 1) {
      drops.push(await drop(pool, connectionString, ago))
      await delay(3_000)
    }
  })
  tell({ lists, fireDelay, drops, size: size.size })
}

/** How late the schedules that fire each second were queued while something is done. */
async function fireDelayDuring(pool: pg.Pool, work: () => Promise<unknown>): Promise<Percentiles> {
  const { now: since } = await one<{ now: string }>(pool, 'select now()::text')
  await work()
  const { rows } = await pool.query<{ delay: number }>(
    `select extract(epoch from queued_at - scheduled_for)::float8 * 1000 as delay from pgbeat.runs
     where scheduled_for >= $1 and scheduled_for < now() and origin = 'schedule' and queued_at is not null`,
    [since],
  )
  return percentiles(rows.map(({ delay }) => delay))
}

async function readAll(url: string, pool: pg.Pool, lists: Record<string, Percentiles>): Promise<void> {
  const middle = Date.now() - 15.5 * 86_400_000
  const at = (ms: number) => new Date(ms).toISOString()
  const someRuns = await pool.query<{ id: string }>(
    `select id from pgbeat.runs where scheduled_for between $1 and $2 and id % 10 = 0 limit 200`,
    [at(middle), at(middle + 3_600_000)],
  )
  const idOf = (turn: number) => someRuns.rows[turn % someRuns.rows.length]?.id
  const cases: Record<string, (turn: number) => string> = {
    // Nothing but the row of a schedule: what an answer takes on this machine, whatever is asked.
    'GET /schedules/{id}': (turn) => `/schedules/schedule-${turn}`,
    'GET /runs': () => '/runs',
    '  status=failed': () => '/runs?status=failed',
    '  status=failed,cancelled,skipped': () => '/runs?status=failed&status=cancelled&status=skipped',
    '  status=running': () => '/runs?status=running',
    '  reason=partial': () => '/runs?reason=partial',
    '  task_name: common': () => `/runs?task_name=${commonTask}`,
    '  task_name: rare': () => `/runs?task_name=${rareTask}`,
    '  task_name: no such': () => '/runs?task_name=nobody',
    '  origin=manual': () => '/runs?origin=manual',
    '  schedule_id': (turn) => `/runs?schedule_id=schedule-${turn}`,
    '  an hour 15 days ago': () => `/runs?from=${at(middle)}&until=${at(middle + 3_600_000)}`,
    '  a minute 15 days ago': () => `/runs?from=${at(middle)}&until=${at(middle + 60_000)}`,
    '  failed in 3 days': () => `/runs?status=failed&from=${at(middle)}&until=${at(middle + 3 * 86_400_000)}`,
    '  sort=id': () => '/runs?sort=id',
    '  sort=-finished_at': () => '/runs?sort=-finished_at',
    '  page=200': () => '/runs?page=200',
    'GET /schedules/{id}/runs': (turn) => `/schedules/schedule-${turn}/runs`,
    'GET /schedules/{id}/history': (turn) => `/schedules/schedule-${turn}/history`,
    'GET /runs/{id}': (turn) => `/runs/${idOf(turn)}`,
    'GET /runs/{id}/logs': (turn) => `/runs/${idOf(turn)}/logs`,
  }
  for (const [name, pathOf] of Object.entries(cases)) {
    say(`${name} …`)
    for (let turn = 0; turn < 8; turn += 1) await get(url + pathOf(turn))
    const took: number[] = []
    for (let turn = 0; turn < repeats; turn += 1) took.push((await get(url + pathOf(turn))).tookMs)
    lists[name] = percentiles(took)
  }
  for (const [name, path] of Object.entries({
    '  following pages': '/runs',
    '  failed, following': '/runs?status=failed',
  })) {
    say(`${name} …`)
    lists[`${name}, to the 60th`] = percentiles(await follow(url, path, 60, 50))
    lists[`${name}, from the 10,000th row`] = percentiles(await follow(url, path, 60, 200))
  }
}

/** Goes from page to page; of long ones the last ten are timed. */
async function follow(url: string, path: string, pages: number, perPage: number): Promise<number[]> {
  const took: number[] = []
  let cursor: string | null = null
  for (let page = 0; page < pages; page += 1) {
    const first = `${url}${path}${path.includes('?') ? '&' : '?'}per_page=${perPage}`
    const answer: Answer = await get(cursor === null ? first : `${first}&cursor=${encodeURIComponent(cursor)}`)
    took.push(answer.tookMs)
    cursor = JSON.parse(answer.body).meta.next_cursor
    if (cursor === null) break
  }
  return took.slice(perPage > 50 ? -10 : 1)
}

interface Answer {
  readonly tookMs: number
  readonly body: string
}

async function get(url: string): Promise<Answer> {
  const startedAt = performance.now()
  const body = await new Promise<string>((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      text(response).then((body) => {
        if (response.statusCode === 200) resolve(body)
        else reject(new Error(`${url}: ${response.statusCode} ${body}`))
      }, reject)
    })
    sent.on('error', reject)
    sent.end()
  })
  return { tookMs: performance.now() - startedAt, body }
}

interface Drop {
  readonly tookMs: number
  /** Of somebody who reads one run after the other meanwhile, the longest. */
  readonly longestReadMs: number
}

async function drop(pool: pg.Pool, connectionString: string, ago: number): Promise<Drop> {
  const { day } = await one<{ day: string }>(pool, `select ((now() at time zone 'UTC')::date - ${ago})::text as day`)
  const reader = new pg.Client(connectionString)
  await reader.connect()
  let isDropped = false
  let longestReadMs = 0
  const reading = (async () => {
    while (!isDropped) {
      const startedAt = performance.now()
      await reader.query(`select from pgbeat.runs where scheduled_for = now() and id = 1`)
      longestReadMs = Math.max(longestReadMs, performance.now() - startedAt)
      await delay(1)
    }
  })()
  await delay(200)
  longestReadMs = 0
  const startedAt = performance.now()
  while (!(await dropDay(overPool(pool), day, Date.now()))) say(`${day} is in use, once more …`)
  const tookMs = performance.now() - startedAt
  isDropped = true
  await reading
  await reader.end()
  return { tookMs, longestReadMs }
}

interface Results {
  readonly lists: Record<string, Percentiles>
  readonly fireDelay: Record<string, Percentiles>
  readonly drops: readonly Drop[]
  readonly size: string
}

function tell({ lists, fireDelay, drops, size }: Results): void {
  const dropsMs = percentiles(drops.map(({ tookMs }) => tookMs))
  const heldUpMs = percentiles(drops.map(({ longestReadMs }) => longestReadMs))
  console.table(lists)
  console.table({ ...fireDelay, 'a day dropped': dropsMs, 'a reader meanwhile, the longest': heldUpMs })
  const slow = Object.entries(lists).filter(([, { p50 }]) => p50 > targets.list_p50_ms)
  console.log(
    JSON.stringify({
      bench: 'history',
      runs,
      days,
      size,
      cpus: cpus().length,
      lists_ms: lists,
      fire_delay_ms: fireDelay,
      drop_ms: dropsMs,
      reader_held_up_ms: heldUpMs,
      targets,
      lists_met: slow.length === 0,
      slower_lists: slow.map(([name]) => name.trim()),
      drop_met: dropsMs.max <= targets.drop_ms,
    }),
  )
}

async function one<Row extends object>(pool: pg.Pool, query: string): Promise<Row> {
  const { rows } = await pool.query<Row>(query)
  return rows[0] as Row
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
