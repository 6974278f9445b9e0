// BullMQ: queues COUNT jobs and works them off. It says when the first has started and when the last is complete.

import { Queue, Worker } from 'bullmq'
import { say } from './process.ts'

const count = Number(process.env.COUNT)
const addedAtOnce = 5_000
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null }
const queue = new Queue('echo', { connection })
for (let from = 0; from < count; from += addedAtOnce) {
  const length = Math.min(addedAtOnce, count - from)
  await queue.addBulk(Array.from({ length }, (_, index) => ({ name: 'echo', data: { n: from + index } })))
}
let startedAt: number | undefined
let completed = 0
const worker = new Worker(
  'echo',
  async () => {
    startedAt ??= Date.now()
  },
  { connection, concurrency: Number(process.env.CONCURRENCY) },
)
worker.on('completed', () => {
  completed += 1
  if (completed === count && startedAt !== undefined) say({ msg: 'all completed', ms: Date.now() - startedAt })
})
