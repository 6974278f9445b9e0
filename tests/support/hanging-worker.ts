import { pino } from 'pino'
import { z } from 'zod'
import { createEvents } from '../../src/events.ts'
import { defineTask } from '../../src/task.ts'
import { runWorker } from '../../src/worker/run-worker.ts'

/** A worker process that begins runs of `hang` and never ends them; it says `started` for each. */
const hang = defineTask({
  name: 'hang',
  description: 'Never ends',
  payload: z.unknown(),
  run: () => new Promise(() => process.stdout.write('started\n')),
})

await runWorker({
  connectionString: process.argv[2] as string,
  tasks: [hang],
  concurrency: 2,
  events: createEvents(),
  log: pino({ level: 'silent' }),
})
