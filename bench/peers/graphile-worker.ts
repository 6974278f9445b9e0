// A worker of graphile-worker with a no-op task. It says when the first job has started.
// BATCH_DELAY: completeJobBatchDelay in ms, -1 = none.

import { Logger, run } from 'graphile-worker'
import { say } from './process.ts'

const concurrency = Number(process.env.CONCURRENCY)
let hasStarted = false
await run({
  connectionString: process.env.DATABASE_URL ?? '',
  concurrency,
  maxPoolSize: Math.min(concurrency, 20),
  preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: Number(process.env.BATCH_DELAY) } },
  taskList: {
    echo: () => {
      if (hasStarted) return
      hasStarted = true
      say({ msg: 'first started', at: Date.now() })
    },
  },
  logger: new Logger(() => () => {}),
})
