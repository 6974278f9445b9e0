// A worker whose task leaves traces of its own: rows that it writes itself, in transactions of its own, so that what the
// ledger says of runs can be held against what was done.

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { z } from 'zod'
import { serve } from '../../src/cli/serve.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { defineTask, type TaskRun } from '../../src/task.ts'
import { runWorker } from '../../src/worker/run-worker.ts'

/** Takes one, two or three times as long, by the second that it is for, and fails at first for one second a minute. */
const leaveTraces = defineTask({
  name: 'leave_traces',
  description: 'Writes when it begins and when it is done',
  payload: z.object({ ms: z.number().default(200) }),
  async run({ payload, run, signal, db }) {
    const trace = { run, node: randomUUID(), signal }
    await write(db, { ...trace, phase: 'begun' })
    const second = run.scheduledFor.getUTCSeconds()
    await delay(payload.ms * (1 + (second % 3)), undefined, { signal })
    if (second === 37 && run.attempt === 1) throw new Error('it is the 37th second')
    await write(db, { ...trace, phase: 'done' })
  },
})

interface Trace {
  readonly run: TaskRun
  /** Of this execution alone: a trace whose answer was lost is written again, and is there once. */
  readonly node: string
  readonly phase: 'begun' | 'done'
  readonly signal: AbortSignal
}

/** Insists: with Postgres away for a while the work of a task is late, not lost. */
async function write(db: pg.Pool, { run, node, phase, signal }: Trace): Promise<void> {
  for (;;) {
    try {
      await db.query(
        `insert into chaos.effects (run_id, schedule_id, scheduled_for, attempt, node, phase)
         values ($1, $2, $3, $4, $5, $6) on conflict (node, phase) do nothing`,
        [run.id, run.scheduleId, run.scheduledFor, run.attempt, node, phase],
      )
      return
    } catch (error) {
      if (signal.aborted) throw error
      await delay(100, undefined, { signal })
    }
  }
}

const config = readConfig(process.env)
await serve('worker', config, (surroundings) =>
  runWorker({
    ...surroundings,
    tasks: [leaveTraces],
    concurrency: config.PGBEAT_CONCURRENCY,
    drainMs: config.PGBEAT_DRAIN_SECONDS * 1_000,
  }),
)
process.exit()
