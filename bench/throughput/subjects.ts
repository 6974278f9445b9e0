// One round of each: jobs that do nothing, queued beforehand, and one process that works them off. Milliseconds from
// when the first starts until the last is done, as whoever asks the database sees it.

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Process } from '../../tests/support/process.ts'
import { startPeer } from '../peers/process.ts'
import { withRedis } from '../peers/redis.ts'
import { type BenchServer, withClient } from '../support/server.ts'

interface Load {
  readonly server: BenchServer
  readonly jobs: number
  readonly concurrency: number
  /** Tells the rounds apart. */
  readonly round: number
}

/** Answers undefined where what it needs is missing. */
type Round = (load: Load) => Promise<number | undefined>

/** So often it is asked whether jobs are left, which comes from an index and costs little. */
const askEveryMs = 20

export const subjects: Record<string, Round> = {
  pgbeat: pgbeatRound,
  'graphile-worker': (load) => graphileRound(load, 'graphile', -1),
  'graphile-worker, completion in batches': (load) => graphileRound(load, 'graphile_batches', 100),
  'pg-boss': (load) => pgBossRound(load, 'pg_boss', { batch: load.concurrency, fetchers: 1 }),
  'pg-boss, two fetchers of 500': (load) => pgBossRound(load, 'pg_boss_two', { batch: 500, fetchers: 2 }),
  bullmq: ({ jobs, concurrency }) =>
    withRedis(async (port) => {
      const peer = startPeer('bullmq-worker', '', { COUNT: jobs, CONCURRENCY: concurrency, REDIS_PORT: port })
      try {
        return Number((await peer.logged('all completed')).ms)
      } finally {
        await peer.kill()
      }
    }),
}

async function pgbeatRound({ server, jobs, concurrency, round }: Load): Promise<number> {
  const connectionString = await server.createPreparedDatabase(`throughput_pgbeat_${round}`)
  return withClient(connectionString, async (client) => {
    await queueRuns(client, jobs)
    const env = { PGBEAT_CONCURRENCY: String(concurrency), PGBEAT_LOG_LEVEL: 'info' }
    const worker = new Process({ program: 'worker', connectionString, env })
    try {
      await worker.logged('worker started')
      await untilNoJobs(client)
      await untilNone(client, `select from pgbeat.runs where status in ('queued', 'running', 'retrying')`)
      const doneAt = Date.now()
      return doneAt - (await verifyRuns(client, jobs))
    } finally {
      await worker.stop()
    }
  })
}

/** As a tick would leave them: runs of a thousand schedules, and their jobs. */
async function queueRuns(client: pg.Client, jobs: number): Promise<void> {
  await client.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy)
     select 'echo-' || n, 'echo', '0 0 1 1 *', 'allow' from generate_series(0, 999) n`,
  )
  await client.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
       queued_at)
     select s.id, s.name, s.task_name, jsonb_build_object('n', n),
       date_trunc('second', now()) - n / 1000 * interval '1 second', 'schedule', 'queued', s.max_attempts, clock_timestamp()
     from generate_series(0, $1::int - 1) n join pgbeat.schedules s on s.name = 'echo-' || n % 1000`,
    [jobs],
  )
  await client.query(
    `select count(*) from (
       select array_agg((task_name,
         json_build_object('run_id', id::text, 'scheduled_for', scheduled_for, 'attempt', 1),
         null, null, 32767, null, 0, null)::graphile_worker.job_spec order by scheduled_for, id) as specs
       from pgbeat.runs
     ) batch, lateral graphile_worker.add_jobs(batch.specs)`,
  )
  await client.query('vacuum analyze')
}

/** @returns when the first run started */
async function verifyRuns(client: pg.Client, jobs: number): Promise<number> {
  const { rows } = await client.query(
    `select (extract(epoch from min(started_at)) * 1000)::float8 as first, count(*) as runs,
       count(*) filter (where status = 'succeeded' and attempt = 1) as succeeded,
       (select count(*) from pgbeat.attempts where status = 'succeeded') as attempts
     from pgbeat.runs`,
  )
  const { first, ...counts } = rows[0]
  if (Object.values(counts).some((count) => Number(count) !== jobs)) {
    throw new Error(`not ${jobs} of each: ${JSON.stringify(counts)}`)
  }
  return first
}

async function graphileRound(load: Load, name: string, batchDelay: number): Promise<number> {
  const connectionString = await load.server.createPreparedDatabase(`throughput_${name}_${load.round}`)
  return withClient(connectionString, async (client) => {
    await client.query(
      `select count(*) from (
         select array_agg(('echo', json_build_object('n', n), null, null, 25, null, 0, null)::graphile_worker.job_spec) as specs
         from generate_series(1, $1::int) n
       ) batch, lateral graphile_worker.add_jobs(batch.specs)`,
      [load.jobs],
    )
    await client.query('vacuum analyze')
    const peer = startPeer('graphile-worker', connectionString, {
      CONCURRENCY: load.concurrency,
      BATCH_DELAY: batchDelay,
    })
    try {
      const { at } = await peer.logged('first started')
      await untilNoJobs(client)
      return Date.now() - Number(at)
    } finally {
      await peer.kill()
    }
  })
}

async function pgBossRound(
  { server, jobs, round }: Load,
  name: string,
  { batch, fetchers }: { batch: number; fetchers: number },
): Promise<number> {
  const connectionString = await server.createDatabase(`throughput_${name}_${round}`)
  const peer = startPeer('pg-boss-worker', connectionString, { COUNT: jobs, BATCH: batch, FETCHERS: fetchers })
  try {
    await peer.logged('queued')
    return await withClient(connectionString, async (client) => {
      await client.query('vacuum analyze')
      process.kill(peer.pid, 'SIGUSR2')
      const { at } = await peer.logged('first started')
      await untilNone(client, `select from pgboss.job where name = 'echo' and state < 'completed'`, 100)
      return Date.now() - Number(at)
    })
  } finally {
    await peer.kill()
  }
}

async function untilNoJobs(client: pg.Client): Promise<void> {
  await client.query('set enable_seqscan = off')
  await untilNone(client, 'select from graphile_worker._private_jobs order by id')
  await client.query('reset enable_seqscan')
}

async function untilNone(client: pg.Client, rowsLeft: string, everyMs = askEveryMs): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(`${rowsLeft} limit 1`)
    if (rowCount === 0) return
    await delay(everyMs)
  }
}
