import { builtInTasks } from '../tasks/index.ts'
import { runWorker } from '../worker/run-worker.ts'
import type { Command } from './command.ts'
import { serve } from './serve.ts'

export const worker: Command = {
  summary: 'execute runs; any number may run',
  run: (config) =>
    serve('worker', config, (surroundings) =>
      runWorker({
        ...surroundings,
        tasks: builtInTasks,
        concurrency: config.PGBEAT_CONCURRENCY,
        drainMs: config.PGBEAT_DRAIN_SECONDS * 1_000,
      }),
    ),
}
