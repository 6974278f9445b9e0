// The same pattern of jobs with graphile-worker alone, added by a program that knows them all: what queue and worker
// take without schedules, runs or history.

import { setTimeout as delay } from 'node:timers/promises'
import { startPeer } from '../peers/process.ts'
import type { Percentiles } from '../percentiles.ts'
import { type BenchServer, withClient } from '../support/server.ts'

const stepMs = 10
const stepsPerSecond = 1_000 / stepMs

/** Lateness, in ms, of half of the jobs at each whole second and half of them spread over it. */
export async function measureFloor(
  server: BenchServer,
  { rate, seconds, concurrency }: { rate: number; seconds: number; concurrency: number },
): Promise<Percentiles> {
  const connectionString = await server.createPreparedDatabase('latency_floor')
  const worker = startPeer('graphile-lateness', connectionString, { CONCURRENCY: concurrency })
  try {
    await worker.logged('ready')
    await withClient(connectionString, async (client) => {
      const begin = Math.ceil(Date.now() / 1_000 + 1) * 1_000
      const spreadOut = rate / 2 / stepsPerSecond
      for (let step = 0; step < seconds * stepsPerSecond; step += 1) {
        const due = begin + step * stepMs
        const jobs = step % stepsPerSecond === 0 ? rate / 2 + spreadOut : spreadOut
        await delay(Math.max(0, due - Date.now()))
        await client.query({
          name: 'add',
          text: `select count(*) from (
              select array_agg(('echo', json_build_object('due', $1::float8, 'n', n), null, null, 25, null, 0, null)::graphile_worker.job_spec) as specs
              from generate_series(1, $2::int) n
            ) batch, lateral graphile_worker.add_jobs(batch.specs)`,
          values: [due, Math.floor(jobs) + (step % 2) * Math.round((jobs % 1) * 2)],
        })
      }
      await client.query('set enable_seqscan = off')
      while ((await client.query('select from graphile_worker._private_jobs order by id limit 1')).rowCount)
        await delay(50)
    })
    process.kill(worker.pid, 'SIGUSR2')
    return (await worker.logged('measured')).lateness as Percentiles
  } finally {
    await worker.kill()
  }
}
