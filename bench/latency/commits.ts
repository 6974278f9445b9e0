import { setTimeout as delay } from 'node:timers/promises'
import { type Percentiles, percentiles } from '../percentiles.ts'
import { type BenchServer, withClient } from '../support/server.ts'

const everyMs = 20

/** Commits a row every 20 ms until told to stop: what the disk has everybody wait for, in ms. */
export async function probeCommits(server: BenchServer): Promise<{ stop(): Promise<Percentiles> }> {
  const connectionString = await server.createDatabase('latency_commits')
  const stopping = new AbortController()
  const measured = withClient(connectionString, async (client) => {
    const tookMs: number[] = []
    await client.query('create table commits (at timestamptz not null)')
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      await client.query({ name: 'commit', text: 'insert into commits values (now())' })
      tookMs.push(performance.now() - startedAt)
      await delay(everyMs)
    }
    return percentiles(tookMs)
  })
  return {
    stop() {
      stopping.abort()
      return measured
    },
  }
}
