// The same burst with other schedulers, each in a process of its own with a database, or a Redis, of its own.

import { setTimeout as delay } from 'node:timers/promises'
import { startPeer } from '../peers/process.ts'
import { withRedis } from '../peers/redis.ts'
import { listenForJobs } from '../support/arrivals.ts'
import { type BenchServer, withClient } from '../support/server.ts'
import { type Spread, spread } from '../support/spread.ts'

/** Who isn't done so long after the instant is not waited for. */
const patienceMs = 60_000

export interface Measured {
  readonly ms: Spread | null
  /** When there is no figure. */
  readonly why?: string
  /** It took longer than that. */
  readonly atLeastMs?: number
}

export interface PeerRun {
  readonly server: BenchServer
  readonly n: number
  readonly rounds: number
}

/** Milliseconds, or how many were queued when there was no more time. */
type Round = { ms: number } | { reached: number }

const peers: Record<string, (run: PeerRun, round: number) => Promise<Round | undefined>> = {
  'graphile-worker': async ({ server, n }, round) => {
    const connectionString = await server.createDatabase(`graphile_crontab_${n}_${round}`)
    const peer = startPeer('graphile-crontab', connectionString, { COUNT: n })
    try {
      const { due } = await peer.logged('ready')
      const arrivals = await listenForJobs(connectionString)
      const at = await Promise.race([arrivals.until(n), patience(Number(due))])
      const reached = arrivals.count
      await arrivals.close()
      return at === null ? { reached } : { ms: at - Number(due) }
    } finally {
      await peer.kill()
    }
  },
  'pg-boss': async ({ server, n }, round) => {
    const connectionString = await server.createDatabase(`pg_boss_schedules_${n}_${round}`)
    const peer = startPeer('pg-boss-schedules', connectionString, { COUNT: n })
    try {
      const due = Number((await peer.logged('ready')).due)
      await delay(due - Date.now())
      return await withClient(connectionString, async (client) => {
        for (;;) {
          const { rows } = await client.query(
            `select count(*)::int as jobs from pgboss.job where name = 'daily-report'`,
          )
          const ms = Date.now() - due
          if (rows[0].jobs >= n) return { ms }
          if (ms > patienceMs) return { reached: rows[0].jobs }
          await delay(100)
        }
      })
    } finally {
      await peer.kill()
    }
  },
  bullmq: async ({ n }) =>
    withRedis(async (port) => {
      const peer = startPeer('bullmq-schedulers', '', { COUNT: n, REDIS_PORT: port })
      try {
        const due = Number((await peer.logged('ready')).due)
        const done = await Promise.race([peer.logged('all started'), patience(due)])
        return done === null ? { reached: 0 } : { ms: Number(done.at) - due }
      } finally {
        await peer.kill()
      }
    }),
}

export const peerNames = Object.keys(peers)

export async function measurePeer(name: string, run: PeerRun): Promise<Measured> {
  const measured: number[] = []
  for (let round = 1; round <= run.rounds; round += 1) {
    const found = await peers[name]?.(run, round)
    if (found === undefined) return { ms: null, why: 'there is no redis-server here' }
    if ('reached' in found) {
      const why = `${found.reached.toLocaleString('en')} after ${patienceMs / 1_000} s`
      return { ms: null, why, atLeastMs: patienceMs }
    }
    measured.push(found.ms)
  }
  return { ms: spread(measured) }
}

async function patience(due: number): Promise<null> {
  return delay(due - Date.now() + patienceMs, null, { ref: false })
}
