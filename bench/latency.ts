// How late runs are queued and started at a steady 1,000 fires a second: `npm run bench:latency`.
// --rate=1000 --seconds=60 --warm-up=10 --rounds=3 --concurrency=20 --record

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Process } from '../tests/support/process.ts'
import { probeCommits } from './latency/commits.ts'
import { measureFloor } from './latency/floor.ts'
import { type Lateness, readLateness, verifyEachInstant } from './latency/lateness.ts'
import { insertMix, readMix } from './latency/mix.ts'
import type { Percentiles } from './percentiles.ts'
import { type Arrival, hearOfJobs } from './support/arrivals.ts'
import { number, readOptions } from './support/options.ts'
import { progress, tellReport } from './support/report.ts'
import { withClient, withServer } from './support/server.ts'
import { figure, spread, spreadText } from './support/spread.ts'

const options = readOptions({ rate: '1000', seconds: '60', 'warm-up': '10', rounds: '3', concurrency: '20' })
const rate = number(options.rate)
const seconds = number(options.seconds)
const rounds = number(options.rounds)
const targetsMs = { fire: 50, lateness: 100 }

if (rate % 100 !== 0) throw new Error('--rate must be a multiple of 100')
if (seconds % 10 !== 0)
  throw new Error('--seconds must be a multiple of 10: each schedule has whole periods in it then')

await withServer(async (server) => {
  progress(`graphile-worker alone, for ${Math.min(seconds, 20)} s …`)
  const floor = await measureFloor(server, {
    rate,
    seconds: Math.min(seconds, 20),
    concurrency: number(options.concurrency),
  })
  const connectionString = await server.createPreparedDatabase('latency')
  const arrivals: Arrival[] = []
  const ears = await hearOfJobs(connectionString, (arrival) => arrivals.push(arrival))
  const env = { PGBEAT_LOG_LEVEL: 'info', PGBEAT_CONCURRENCY: options.concurrency }
  const tick = new Process({ program: 'tick', connectionString, env })
  const worker = new Process({ program: 'worker', connectionString, env })
  try {
    await Promise.all([tick.logged('this tick leads'), worker.logged('worker started')])
    await withClient(connectionString, async (client) => {
      await insertMix(client, rate)
      const probe = await probeCommits(server)
      const measured = await measure(client, arrivals)
      await tell({ measured, floor, commits: await probe.stop(), mix: await readMix(client), postgres: server.version })
    })
  } finally {
    await Promise.all([worker.stop(), tick.stop(), ears.close()])
  }
})

/** Consecutive windows, each read once all of its runs are over. */
async function measure(client: pg.Client, arrivals: readonly Arrival[]): Promise<Lateness[]> {
  progress(`warming up for ${options['warm-up']} s …`)
  const lengthMs = seconds * 1_000
  const begin = Math.ceil(Date.now() / 1_000 + number(options['warm-up'])) * 1_000
  const measured: Lateness[] = []
  for (let round = 0; round < rounds; round += 1) {
    const window = { from: begin + round * lengthMs, until: begin + (round + 1) * lengthMs }
    progress(`round ${round + 1} of ${rounds}: ${rate} fires a second for ${seconds} s …`)
    // The next window goes on meanwhile; what is read of this one is read when nothing else is measured.
    await delay(window.until - Date.now())
  }
  await delay(2_000)
  await client.query('update pgbeat.schedules set enabled = false')
  await untilAllStarted(client)
  for (let round = 0; round < rounds; round += 1) {
    const window = { from: begin + round * lengthMs, until: begin + (round + 1) * lengthMs }
    await verifyEachInstant(client, window)
    measured.push(await readLateness(client, window, arrivals))
  }
  return measured
}

async function untilAllStarted(client: pg.Client): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      `select from pgbeat.runs where status in ('waiting', 'queued', 'running', 'retrying') limit 1`,
    )
    if (rowCount === 0) return
    await delay(100)
  }
}

interface Result {
  readonly measured: readonly Lateness[]
  readonly floor: Percentiles
  readonly commits: Percentiles
  readonly mix: string
  readonly postgres: string
}

async function tell({ measured, floor, commits, mix, postgres }: Result): Promise<void> {
  const over = (pick: (lateness: Lateness) => number) => spread(measured.map(pick))
  const kinds = ['fire', 'queue', 'lateness'] as const
  const figures = (kind: (typeof kinds)[number]) => ({
    p50: over((of) => of[kind].p50),
    p99: over((of) => of[kind].p99),
    max: over((of) => of[kind].max),
  })
  const names = { fire: 'fire delay', queue: 'queue delay', lateness: 'lateness' }
  const [fire, lateness] = [figures('fire').p99.median, figures('lateness').p99.median]
  const skipped = measured.reduce((sum, of) => sum + of.skipped, 0)
  await tellReport(
    {
      bench: 'latency',
      title: 'Latency',
      method: [
        `A tick and a worker (concurrency ${options.concurrency}, the task echo), ${rate.toLocaleString('en')} instants a ` +
          `second over ${mix}; after a warm-up of ${options['warm-up']} s ${rounds} rounds of ${seconds} s. In ` +
          'milliseconds: fire delay from the instant until a program that listens for jobs hears of its job; queue delay ' +
          'and lateness from `queued_at` and from the instant until the task starts, as in `pgbeat.runs`. Each cell is the median of the rounds (min–max). Each schedule has exactly one run for ' +
          'each of its instants, which is checked. Beside it, before: as many jobs a second, half of them at once and half spread ' +
          'over the second, put into graphile-worker by a program that knows when, and a worker of its own; and, meanwhile, a session that ' +
          'commits one row every 20 ms, which is what the disk has everybody wait for.',
      ],
      columns: ['ms', 'p50', 'p99', 'max'],
      rows: [
        ...kinds.map((kind) => [names[kind], ...Object.values(figures(kind)).map(spreadText)]),
        ['graphile-worker alone: lateness', ...[floor.p50, floor.p99, floor.max].map(figure)],
        ['one row committed', ...[commits.p50, commits.p99, commits.max].map(figure)],
      ],
      notes: [
        `Of ${measured.reduce((sum, of) => sum + of.runs, 0).toLocaleString('en')} instants, ${skipped} were skipped because the run before was still active.`,
      ],
      targets: [
        {
          what: `fire delay p99 <= ${targetsMs.fire} ms`,
          measured: `${figure(fire)} ms`,
          isMet: fire <= targetsMs.fire,
        },
        {
          what: `lateness p99 <= ${targetsMs.lateness} ms`,
          measured: `${figure(lateness)} ms`,
          isMet: lateness <= targetsMs.lateness,
        },
      ],
      postgres,
      json: {
        fires_a_second: rate,
        seconds,
        rounds: measured.map(({ fire, queue, lateness, runs, skipped }) => ({
          runs,
          skipped,
          fire_delay_ms: fire,
          queue_delay_ms: queue,
          lateness_ms: lateness,
        })),
        fire_delay_p99_ms: fire,
        lateness_p99_ms: lateness,
        graphile_worker_lateness_ms: floor,
        commit_ms: commits,
      },
    },
    options,
  )
}
