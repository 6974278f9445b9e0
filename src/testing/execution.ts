import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { type Logger, pino } from 'pino'
import type { Events } from '../events.ts'
import { insertRunLogs } from '../store/run-logs.ts'
import type { Db } from '../store/tables.ts'
import type { Cancellations } from '../worker/attempt.ts'
import type { ExecuteOptions } from '../worker/execute.ts'
import { History } from '../worker/history.ts'
import { LogWriter } from '../worker/log-writer.ts'

/** What an attempt needs that is made by hand, without a worker: nobody stops it, and its time is that of a simulation. */
export function executionByHand(options: {
  readonly db: Db
  readonly pool: pg.Pool
  readonly events: Events
  readonly log?: Logger | undefined
  /** Left out, nothing is ever cancelled. */
  readonly cancellations?: Cancellations
  readonly now: () => number
}): ExecuteOptions {
  const { db } = options
  const nodeId = randomUUID()
  return {
    cancellations: { watch: () => new AbortController().signal, forget() {} },
    ...options,
    log: options.log ?? pino({ level: 'silent' }),
    nodeId,
    history: new History({ db, nodeId }),
    signal: new AbortController().signal,
    handBack: new AbortController().signal,
    runLogs: new LogWriter((lines) => insertRunLogs(db, lines)),
  }
}
