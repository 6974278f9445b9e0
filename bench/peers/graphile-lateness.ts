// A worker of graphile-worker whose jobs say when they were due. Told to by SIGUSR2, it says how late they started.

import { Logger, run } from 'graphile-worker'
import { percentiles } from '../percentiles.ts'
import { say } from './process.ts'

const concurrency = Number(process.env.CONCURRENCY)
const lateness: number[] = []
process.on('SIGUSR2', () => say({ msg: 'measured', lateness: percentiles(lateness) }))
await run({
  connectionString: process.env.DATABASE_URL ?? '',
  concurrency,
  maxPoolSize: concurrency,
  taskList: {
    echo: (payload) => {
      lateness.push(performance.timeOrigin + performance.now() - (payload as { due: number }).due)
    },
  },
  logger: new Logger(() => () => {}),
})
say({ msg: 'ready' })
