import type { Config } from '../config/variables.ts'
import { readOwnTasks } from './own-tasks.ts'
import { serve } from './serve.ts'

/** Runs a worker until it is told to stop. */
export function serveWorker(config: Config): Promise<void> {
  return serve('worker', config, async (surroundings) => {
    const isDeveloping = process.env.NODE_ENV === 'development'
    const own = await readOwnTasks(config, { isDeveloping, log: surroundings.log })
    return own.runWorker({
      ...surroundings,
      concurrency: config.PGBEAT_CONCURRENCY,
      drainMs: config.PGBEAT_DRAIN_SECONDS * 1_000,
    })
  })
}
