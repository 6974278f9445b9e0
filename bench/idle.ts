// What schedules cost that are not due: `npm run bench:idle`, on Linux.
// --sizes=1000,1000000 --seconds=60 --per-second=10 --record

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Process } from '../tests/support/process.ts'
import { cpuOf, cpuOfFamily, memoryOf, postmasterOf } from './idle/cpu.ts'
import { insertPlanned, makeDue } from './idle/schedules.ts'
import { type Percentiles, percentiles } from './percentiles.ts'
import { number, numbers, readOptions } from './support/options.ts'
import { progress, tellReport } from './support/report.ts'
import { type BenchServer, withClient, withServer } from './support/server.ts'
import { figure } from './support/spread.ts'

const options = readOptions({ sizes: '1000,1000000', seconds: '60', 'per-second': '10' })
const seconds = number(options.seconds)
const perSecond = number(options['per-second'])
const sizes = numbers(options.sizes)
/** As somebody starts it who has a clone. */
const launcher = new URL('../bin/tick', import.meta.url)
const most = { idlePercent: 1, memoryMb: 150, timesTheCost: 1.5 }

/** Of one core, in percent. */
interface Cpu {
  readonly tick: number
  readonly postgres: number
}

interface Result {
  readonly schedules: number
  /** Postgres before there is a tick. */
  readonly without: Cpu
  readonly idle: Cpu
  readonly firing: Cpu
  readonly memoryMb: { readonly now: number; readonly most: number }
  readonly fireDelay: Percentiles
}

if (sizes.some((n) => n < seconds * perSecond)) throw new Error('there are fewer schedules than are to be due')

await withServer(async (server) => {
  const results: Result[] = []
  for (const n of sizes) results.push(await measure(server, n))
  await tell(results, server.version)
})

async function measure(server: BenchServer, n: number): Promise<Result> {
  progress(`${n} schedules …`)
  const connectionString = await server.createPreparedDatabase(`idle_${n}`)
  return withClient(connectionString, async (client) => {
    await insertPlanned(client, n)
    const postmaster = await postmasterOf(client)
    progress(`  ${seconds} s without a tick …`)
    const without = await cpuFor(undefined, postmaster)
    const tick = new Process({ program: launcher, connectionString, env: { PGBEAT_LOG_LEVEL: 'info' } })
    try {
      await tick.logged('this tick leads')
      await delay(2_000)
      progress(`  ${seconds} s with nothing due …`)
      const idle = await cpuFor(tick.pid, postmaster)
      progress(`  ${seconds} s with ${perSecond} due a second …`)
      const from = (Math.floor(Date.now() / 1_000) + 3) * 1_000
      await makeDue(client, from, perSecond, seconds)
      await delay(from - Date.now())
      const firing = await cpuFor(tick.pid, postmaster)
      await delay(1_000)
      const fireDelay = await readFireDelay(client)
      return { schedules: n, without, idle, firing, memoryMb: await memoryOf(tick.pid), fireDelay }
    } finally {
      await tick.stop()
    }
  })
}

async function cpuFor(tickPid: number | undefined, postmaster: number): Promise<Cpu> {
  const read = async () => ({
    tick: tickPid === undefined ? 0 : await cpuOf(tickPid),
    postgres: await cpuOfFamily(postmaster),
  })
  const before = await read()
  await delay(seconds * 1_000)
  const after = await read()
  const percent = (of: keyof Cpu) => ((after[of] - before[of]) / seconds) * 100
  return { tick: percent('tick'), postgres: percent('postgres') }
}

async function readFireDelay(client: pg.Client): Promise<Percentiles> {
  const { rows } = await client.query(
    `select extract(epoch from queued_at - scheduled_for)::float8 * 1000 as ms from pgbeat.runs where status = 'queued'`,
  )
  if (rows.length !== seconds * perSecond) throw new Error(`${rows.length} runs instead of ${seconds * perSecond}`)
  return percentiles(rows.map(({ ms }) => ms))
}

async function tell(results: readonly Result[], postgres: string): Promise<void> {
  const largest = results.reduce((one, other) => (other.schedules > one.schedules ? other : one))
  const smallest = results.reduce((one, other) => (other.schedules < one.schedules ? other : one))
  const added = { tick: largest.idle.tick, postgres: Math.max(0, largest.idle.postgres - largest.without.postgres) }
  const times = largest.firing.tick / smallest.firing.tick
  const percent = (value: number) => `${figure(value)} %`
  await tellReport(
    {
      bench: 'idle',
      title: 'Idle',
      method: [
        `CPU time, in percent of one core, over ${seconds} s each: of Postgres, all its processes, without a tick; then of the ` +
          `tick and of Postgres while none of the schedules is due within an hour, and while ${perSecond} of them are due a ` +
          'second. Memory is that of the tick process at the end, and the most that it had at once. /proc counts in steps of 10 ms.',
      ],
      columns: [
        'schedules',
        'Postgres, no tick',
        'tick, none due',
        'Postgres, none due',
        `tick, ${perSecond} a second`,
        `Postgres, ${perSecond} a second`,
        'memory of the tick',
        'fire delay p50 / p99 / max',
      ],
      rows: results.map(({ schedules, without, idle, firing, memoryMb, fireDelay }) => [
        schedules.toLocaleString('en'),
        ...[without.postgres, idle.tick, idle.postgres, firing.tick, firing.postgres].map(percent),
        `${figure(memoryMb.now)} MB (${figure(memoryMb.most)})`,
        `${[fireDelay.p50, fireDelay.p99, fireDelay.max].map(figure).join(' / ')} ms`,
      ]),
      notes: [],
      targets: [
        {
          what: `none due: tick <= ${most.idlePercent} % of a core`,
          measured: percent(added.tick),
          isMet: added.tick <= most.idlePercent,
        },
        {
          what: `none due: Postgres <= ${most.idlePercent} % of a core more than without a tick`,
          measured: percent(added.postgres),
          isMet: added.postgres <= most.idlePercent,
        },
        {
          what: `tick never above ${most.memoryMb} MB`,
          measured: `${figure(largest.memoryMb.most)} MB`,
          isMet: largest.memoryMb.most <= most.memoryMb,
        },
        {
          what: `${perSecond} a second: the tick's CPU with the most schedules <= ${most.timesTheCost} times that with the fewest`,
          measured: `${figure(times)} times`,
          isMet: times <= most.timesTheCost,
        },
      ],
      postgres,
      json: {
        seconds,
        per_second: perSecond,
        results: results.map(({ schedules, without, idle, firing, memoryMb, fireDelay }) => ({
          schedules,
          cpu_percent: {
            without_tick: rounded({ tick: 0, postgres: without.postgres }),
            none_due: rounded(idle),
            firing: rounded(firing),
          },
          tick_memory_mb: { now: Math.round(memoryMb.now), most: Math.round(memoryMb.most) },
          fire_delay_ms: fireDelay,
        })),
        firing_cpu_ratio: Number(times.toFixed(2)),
      },
    },
    options,
  )
}

function rounded({ tick, postgres }: Cpu): Cpu {
  return { tick: Number(tick.toFixed(2)), postgres: Number(postgres.toFixed(2)) }
}
