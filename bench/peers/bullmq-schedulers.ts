// COUNT job schedulers of BullMQ that are all due at one second, and a worker: without one, what is delayed stays delayed.
// It says when it is ready, and when the last job has started.

import { Queue, Worker } from 'bullmq'
import { say } from './process.ts'

const count = Number(process.env.COUNT)
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null }
const atOnce = 100
const queue = new Queue('daily-report', { connection })
await queue.waitUntilReady()
const due = Math.ceil((Date.now() + 3_000 + count) / 1_000) * 1_000
const at = new Date(due)
const pattern = `${at.getUTCSeconds()} ${at.getUTCMinutes()} ${at.getUTCHours()} * * *`

let started = 0
const worker = new Worker(
  'daily-report',
  async () => {
    started += 1
    if (started === count) say({ msg: 'all started', at: Date.now() })
  },
  { connection, concurrency: 100 },
)
await worker.waitUntilReady()

let next = 0
await Promise.all(Array.from({ length: atOnce }, schedule))
if (Date.now() > due) throw new Error('BullMQ had no time for its schedulers')
say({ msg: 'ready', due })

async function schedule(): Promise<void> {
  while (next < count) {
    const customer = next
    next += 1
    const data = { customer, report: 'sales', format: 'csv', days: 7 }
    await queue.upsertJobScheduler(`customer-${customer}`, { pattern, tz: 'UTC' }, { name: 'daily-report', data })
  }
}
