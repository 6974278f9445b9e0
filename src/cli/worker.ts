import type { Command } from './command.ts'
import { readOwnTasks } from './own-tasks.ts'
import { serve } from './serve.ts'

export const worker: Command = {
  summary: 'execute runs; any number may run',
  run: (config) =>
    serve('worker', config, async (surroundings) => {
      const isDeveloping = process.env.NODE_ENV === 'development'
      const own = await readOwnTasks(config, { isDeveloping, log: surroundings.log })
      return own.runWorker({
        ...surroundings,
        concurrency: config.PGBEAT_CONCURRENCY,
        drainMs: config.PGBEAT_DRAIN_SECONDS * 1_000,
      })
    }),
}
