// A month of history: how long lists, details and the dropping of a day take, and what they do to the tick meanwhile:
// `npm run bench:history`. --runs=10000000 --record

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Process } from '../tests/support/process.ts'
import { commonTask, fillHistory } from './history/data.ts'
import { type Drop, drop } from './history/drop.ts'
import { readLists } from './history/lists.ts'
import { type Percentiles, percentiles } from './percentiles.ts'
import { startApi } from './support/api.ts'
import { number, readOptions } from './support/options.ts'
import { progress, tellReport } from './support/report.ts'
import { withClient, withServer } from './support/server.ts'
import { figure } from './support/spread.ts'

const options = readOptions({ runs: '10000000' })
const runs = number(options.runs)
const days = 30
const firing = 50
const quietSeconds = 20
const daysToDrop = 5
const targetsMs = { list: 10, drop: 1_000 }

if (runs < days) throw new Error(`--runs must be ${days} at least`)

await withServer(async (server) => {
  const connectionString = await server.createPreparedDatabase('history')
  await withClient(connectionString, async (client) => {
    const startedAt = performance.now()
    const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(0)
    await fillHistory(client, { runs, days, onDay: (day) => progress(`${seconds()} s: the runs of ${day} days ago …`) })
    progress(`${runs} runs in ${seconds()} s`)
    await tell(await measure(connectionString, client), server.version)
  })
})

interface Measured {
  readonly lists: Record<string, Percentiles>
  readonly fireDelays: Record<string, Percentiles>
  readonly drops: readonly Drop[]
  /** e.g. `6 GB` */
  readonly size: string
}

async function measure(connectionString: string, client: pg.Client): Promise<Measured> {
  const env = { PGBEAT_LOG_LEVEL: 'info', PGBEAT_RETENTION_DAYS: '0' }
  const tick = new Process({ program: 'tick', connectionString, env })
  const worker = new Process({ program: 'worker', connectionString, env: { PGBEAT_LOG_LEVEL: 'info' } })
  const api = await startApi(connectionString)
  try {
    await Promise.all([tick.logged('this tick leads'), worker.logged('worker started')])
    await client.query(
      `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy)
       select 'live-' || n, $1, '* * * * * *', case n % 2 when 0 then 'allow' else 'skip' end
       from generate_series(1, $2::int) n`,
      [commonTask, firing],
    )
    await delay(5_000)
    progress(`the tick alone for ${quietSeconds} s …`)
    const alone = await fireDelayDuring(client, () => delay(quietSeconds * 1_000))
    let lists: Measured['lists'] = {}
    const whileRead = await fireDelayDuring(client, async () => {
      lists = await readLists(api, client)
    })
    const drops: Drop[] = []
    const whileDropped = await fireDelayDuring(client, async () => {
      for (let ago = days; ago > days - daysToDrop; ago -= 1) {
        progress(`dropping the day ${ago} days ago …`)
        drops.push(await drop(connectionString, ago))
        await delay(3_000)
      }
    })
    const { rows } = await client.query('select pg_size_pretty(pg_database_size(current_database())) as size')
    const fireDelays = { 'nothing else': alone, 'lists are read': whileRead, 'days are dropped': whileDropped }
    return { lists, fireDelays, drops, size: rows[0].size }
  } finally {
    await Promise.all([api.stop(), worker.stop(), tick.stop()])
  }
}

/** How late the schedules that fire each second were queued while something is done. */
async function fireDelayDuring(client: pg.Client, work: () => Promise<unknown>): Promise<Percentiles> {
  const { rows: clock } = await client.query('select now()::text as now')
  await work()
  const { rows } = await client.query<{ delay: number }>(
    `select extract(epoch from queued_at - scheduled_for)::float8 * 1000 as delay from pgbeat.runs
     where scheduled_for >= $1 and scheduled_for < now() and origin = 'schedule' and queued_at is not null`,
    [clock[0].now],
  )
  return percentiles(rows.map(({ delay }) => delay))
}

async function tell({ lists, fireDelays, drops, size }: Measured, postgres: string): Promise<void> {
  const dropsMs = percentiles(drops.map(({ tookMs }) => tookMs))
  const heldUpMs = percentiles(drops.map(({ longestReadMs }) => longestReadMs))
  const rowOf = (name: string, { p50, p99, max }: Percentiles) => [name, figure(p50), figure(p99), figure(max)]
  const slow = Object.entries(lists).filter(([, { p50 }]) => p50 > targetsMs.list)
  const slowest = Math.max(...Object.values(lists).map(({ p50 }) => p50))
  await tellReport(
    {
      bench: 'history',
      title: 'History',
      method: [
        `${runs.toLocaleString('en')} runs over ${days} days (${size} after ${daysToDrop} days were dropped), beside a tick, a worker and the API; ${firing} schedules fire each second all the while. Lists are asked for through the API, one after the other.`,
      ],
      columns: ['ms', 'p50', 'p99', 'max'],
      rows: [
        ...Object.entries(lists).map(([name, took]) => rowOf(`\`${name}\``, took)),
        rowOf('a day is dropped', dropsMs),
        rowOf('a reader meanwhile, the longest', heldUpMs),
        ...Object.entries(fireDelays).map(([during, took]) => rowOf(`fire delay while ${during}`, took)),
      ],
      notes: ['`GET /schedules/{id}` reads one row: it is what any answer takes.'],
      targets: [
        { what: `lists in <= ${targetsMs.list} ms`, measured: `${figure(slowest)} ms`, isMet: slow.length === 0 },
        {
          what: `a day dropped in <= ${targetsMs.drop} ms`,
          measured: `${figure(dropsMs.max)} ms`,
          isMet: dropsMs.max <= targetsMs.drop,
        },
      ],
      postgres,
      json: {
        runs,
        days,
        lists_ms: lists,
        slower_lists: slow.map(([name]) => name),
        drop_ms: dropsMs,
        reader_held_up_ms: heldUpMs,
        fire_delay_ms: fireDelays,
      },
    },
    options,
  )
}
