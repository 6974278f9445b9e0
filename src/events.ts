import { EventEmitter } from 'node:events'

/** What happens inside a process. Logs, metrics and tests are all made from this one stream. */
export interface PgbeatEvents {
  /** This tick leads from now on. */
  'leader:elected': [{ nodeId: string; term: number }]
  /** This tick leads no more: it resigned, or lost its session. */
  'leader:left': [{ nodeId: string; term: number }]
  /** This standby ended the session of a leader that gave no sign of life. */
  'leader:fenced': [{ by: string }]
  /** Schedules were given their next instant; `refused` can't have one. */
  'tick:planned': [{ planned: number; refused: { id: string; name: string; error: string }[] }]
  /** One batch of due schedules became runs and jobs. `lateMs` is how long the earliest had been due. */
  'tick:fired': [{ schedules: number; runs: number; jobs: number; lateMs: number }]
  /** Runs that waited for their turn were queued: behind another run, or in a backfill. */
  'tick:promoted': [{ jobs: number }]
  /** A backfill has nothing left to do, or can't be run. */
  'backfill:finished': [{ backfillId: string; status: 'completed' | 'failed'; error: string | null }]
  /** Dead workers were found and what they had begun was taken over. */
  'workers:recovered': [
    { workers: string[]; lostRuns: { runId: string; scheduleName: string; attempt: number; status: string }[] },
  ]
  'worker:started': [{ nodeId: string; tasks: string[]; concurrency: number }]
  'run:started': [RunEvent & { latenessMs: number }]
  'run:finished': [
    RunEvent & { status: string; reason: string | null; durationMs: number; result: unknown; error: unknown },
  ]
  /** An attempt ended after it had been given up for lost; its outcome was refused. */
  'run:outcome-refused': [RunEvent]
  /** Something failed, Postgres being away most likely; it is tried again in `retryInMs`. */
  'component:failed': [{ component: string; error: unknown; retryInMs: number }]
}

export interface RunEvent {
  readonly runId: string
  readonly scheduleId: string
  readonly scheduleName: string
  readonly taskName: string
  readonly attempt: number
}

export type Events = EventEmitter<PgbeatEvents>

export function createEvents(): Events {
  return new EventEmitter<PgbeatEvents>()
}
