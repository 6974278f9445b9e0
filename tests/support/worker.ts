#!/usr/bin/env node
import { once } from 'node:events'
import { z } from 'zod'
import { serve } from '../../src/cli/serve.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { defineTask } from '../../src/task.ts'
import { runWorker } from '../../src/worker/run-worker.ts'

// A worker process as bin/worker is one, with tasks that only tests want.

const hang = defineTask({
  name: 'hang',
  description: 'Ends at the second attempt, and never at the first',
  payload: z.unknown(),
  run: async ({ run }) => (run.attempt === 1 ? new Promise(() => {}) : `attempt ${run.attempt}`),
})

const heed = defineTask({
  name: 'heed',
  description: 'Ends when it is told to',
  payload: z.unknown(),
  run: async ({ run, signal }) => {
    if (run.attempt > 1) return `attempt ${run.attempt}`
    if (!signal.aborted) await once(signal, 'abort')
    throw signal.reason
  },
})

const last = defineTask({
  name: 'last',
  description: 'Takes as long as its payload says, in ms',
  payload: z.number(),
  run: async ({ payload: ms }) => new Promise((resolve) => setTimeout(resolve, ms, 'done')),
})

const spin = defineTask({
  name: 'spin',
  description: 'Keeps the thread busy for as long as its payload says, in ms',
  payload: z.number(),
  run: async ({ payload: ms }) => {
    const until = performance.now() + ms
    while (performance.now() < until) Math.hypot(1, 2)
    return 'done'
  },
})

const config = readConfig(process.env)
await serve('worker', config, (surroundings) =>
  runWorker({
    ...surroundings,
    tasks: [hang, heed, last, spin],
    concurrency: config.PGBEAT_CONCURRENCY,
    drainMs: config.PGBEAT_DRAIN_SECONDS * 1_000,
  }),
)
process.exit()
