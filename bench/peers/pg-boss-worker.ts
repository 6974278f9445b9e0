// pg-boss: queues COUNT jobs, and then, told by the environment to, works them off. It says when all are queued, and
// when the first has started.

import { PgBoss } from 'pg-boss'
import { say } from './process.ts'

const count = Number(process.env.COUNT)
const batchSize = Number(process.env.BATCH)
const fetchers = Number(process.env.FETCHERS)
const insertedAtOnce = 5_000
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL ?? '', supervise: false, schedule: false })
boss.on('error', (error) => console.error(error))
await boss.start()
await boss.createQueue('echo')
for (let from = 0; from < count; from += insertedAtOnce) {
  const jobs = Array.from({ length: Math.min(insertedAtOnce, count - from) }, (_, index) => ({
    data: { n: from + index },
  }))
  await boss.insert('echo', jobs)
}
say({ msg: 'queued' })
let hasStarted = false
process.once('SIGUSR2', () => void work())
setInterval(() => {}, 1_000)

async function work(): Promise<void> {
  const options = {
    batchSize,
    localConcurrency: fetchers,
    pollingIntervalSeconds: 0.5,
    burstWhenBatchFull: true,
  }
  await boss.work('echo', options, async () => {
    if (hasStarted) return
    hasStarted = true
    say({ msg: 'first started', at: Date.now() })
  })
}
