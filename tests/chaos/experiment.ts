import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { check, type Verdict } from './checker/check.ts'
import { createEffects, readHistory } from './checker/history.ts'
import { Cluster, type Host } from './cluster.ts'
import { type Fault, faults as kinds } from './faults.ts'
import { type Befallen, Journal } from './journal.ts'
import { planFaults } from './plan.ts'
import { failovers, recoveries } from './recovery-times.ts'
import { createSchedules } from './schedules.ts'

export interface ExperimentOptions {
  readonly host: Host
  /** How many faults, the disaster included. */
  readonly faults: number
  readonly seed: number
  /** Befalls the host in the middle of the others. */
  readonly disaster?: Fault
  /** Told when a fault begins. */
  readonly onFault?: (befallen: Befallen, number: number) => void
}

export interface Outcome {
  readonly verdict: Verdict
  /** Processes that ended by themselves. */
  readonly crashes: readonly string[]
  /** How often each kind of fault happened. */
  readonly counts: Readonly<Record<string, number>>
  readonly seconds: number
  /** Milliseconds from a fault of the leader until another election, where there was one. */
  readonly failoverMs: readonly number[]
  /** Milliseconds from a fault of a worker until what it had begun was begun again. */
  readonly recoveryMs: readonly number[]
}

/** What is under way may take so long to come to an end once everything is mended. */
const settledWithinMs = 120_000

/**
 * Runs schedules on a cluster, lets faults befall it, mends everything, waits until all is done, and has the checker judge.
 * @throws when a member does not come back, or not everything comes to an end
 */
export async function experiment({ host, faults, seed, disaster, onFault }: ExperimentOptions): Promise<Outcome> {
  const cluster = await Cluster.start(host)
  try {
    await cluster.isUp()
    await createEffects(cluster.pool)
    await cluster.pool.query('create unique index on chaos.effects (node, phase)')
    await createSchedules(cluster.pool)
    const journal = new Journal(cluster, onFault)
    await befallAll(journal, faults, seed, disaster)
    const until = await settle(cluster.pool)
    return {
      verdict: check(await readHistory(cluster.pool), until),
      crashes: cluster.crashes,
      counts: journal.counts(),
      seconds: journal.seconds,
      failoverMs: failovers(journal.befallen, cluster.heard),
      recoveryMs: await recoveries(cluster.pool, journal.befallen, cluster.heard),
    }
  } finally {
    await cluster.stop()
  }
}

async function befallAll(journal: Journal, count: number, seed: number, disaster: Fault | undefined): Promise<void> {
  const plan = planFaults(kinds, disaster ? count - 1 : count, seed)
  const middle = plan[Math.floor(count / 2)]
  const all = disaster && middle ? [...plan, { ...middle, kind: disaster }].toSorted((a, b) => a.at - b.at) : plan
  const begin = performance.now()
  const underWay: Promise<void>[] = []
  for (const planned of all) {
    const wait = begin + planned.at - performance.now()
    if (wait > 0) await delay(wait)
    const mended = journal.befall(planned)
    // What fails is told when all others are mended.
    mended.catch(() => {})
    underWay.push(mended)
  }
  await Promise.allSettled(underWay)
  await Promise.all(underWay)
}

/**
 * Ends all schedules, the paused ones as well, in a moment, and waits until nothing is under way; answers that moment.
 */
async function settle(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ until: number }>(`
    with ended as (
      update pgbeat.schedules set enabled = true, ends_at = clock_timestamp() + interval '1 second' returning ends_at)
    select (extract(epoch from min(ends_at)) * 1000)::float8 as until from ended`)
  const giveUpAt = performance.now() + settledWithinMs
  for (;;) {
    const { rows: open } = await pool.query<{ what: string }>(`
      select 'run ' || id || ' is ' || status as what from pgbeat.runs
        where status in ('waiting', 'queued', 'running', 'retrying')
      union all select name || ' is not finished' from pgbeat.schedules where next_run_at is distinct from 'infinity'
      union all select 'a lapse is still counted' from pgbeat.lapses limit 5`)
    if (open.length === 0) return Number(rows[0]?.until)
    if (performance.now() > giveUpAt) throw new Error(`not settled: ${open.map(({ what }) => what).join(', ')}`)
    await delay(200)
  }
}
