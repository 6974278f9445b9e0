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
  /** One pass is over. */
  'tick:passed': [{ durationMs: number }]
  /**
   * One batch of due schedules became runs and jobs. `lateMs` is how long the earliest had been due; `isLate` says that
   * all had been missed. `fireDelaysMs` has a number for each queued run: from its nominal instant until it was queued.
   */
  'tick:fired': [
    {
      schedules: number
      runs: number
      jobs: number
      lateMs: number
      isLate: boolean
      outcomes: FireOutcome[]
      fireDelaysMs: { origin: FireOutcome['origin']; delaysMs: number[] }[]
    },
  ]
  /** Instants of a stretch that did not fire (a pause, an edit, a long downtime) were counted as missed. */
  'tick:missed': [{ reason: string; instants: number }]
  /** Runs that waited for their turn were queued: behind another run, or in a backfill. */
  'tick:promoted': [{ jobs: number; origin: 'waiting' | 'backfill' }]
  /** A backfill has nothing left to do, or can't be run. */
  'backfill:finished': [{ backfillId: string; status: 'completed' | 'failed'; error: string | null }]
  /** All runs of a day (UTC, YYYY-MM-DD) were older than they are kept, and were dropped with it. */
  'history:day-dropped': [{ day: string }]
  /** Old runs of days without a partition were deleted, and old backfills. */
  'history:deleted': [{ runs: number; backfills: number }]
  /** What dead workers had begun was taken over, and what workers were too busy to end in time. */
  'workers:recovered': [
    { workers: string[]; lostRuns: { runId: string; scheduleName: string; attempt: number; status: string }[] },
  ]
  /** Redis can be used, from the start or again. */
  'mirror:connected': [{ channel: string }]
  /** Redis can't be used; `lag` counts the events that wait for it. Told again now and then while it lasts. */
  'mirror:failed': [{ channel: string; error: Error; lag: number }]
  /** Events were copied to the stream and published; of the messages, `receivers` counts all that subscribers got. */
  'mirror:sent': [{ channel: string; events: number; receivers: number }]
  /** Redis had lost events that it had been sent; the stream has them again. */
  'mirror:restored': [{ channel: string; events: number }]
  /** The stream had entries that this database knows nothing of; what is sent comes after them. */
  'mirror:epoch-began': [{ channel: string; lastId: string }]
  /** Others published on the channel; the tick looks at the schedules because of that. */
  'mirror:heard': [{ channel: string; messages: number }]
  'worker:started': [{ nodeId: string; tasks: string[]; concurrency: number }]
  /** It was told to drain: it takes no new runs, and finishes those it has. */
  'worker:draining': [{ nodeId: string }]
  /** It was told to drain no more: it takes runs again. */
  'worker:resumed': [{ nodeId: string }]
  /**
   * An attempt was opened. The delays are those of the run, whichever attempt it is: `latenessMs` from its nominal instant
   * to its first start, of which `fireDelayMs` until it was queued and `queueDelayMs` from then on.
   */
  'run:started': [
    RunEvent & {
      origin: RunOrigin
      isFirstAttempt: boolean
      latenessMs: number
      fireDelayMs: number
      queueDelayMs: number
    },
  ]
  'run:finished': [
    RunEvent & { status: string; reason: string | null; durationMs: number; result: unknown; error: unknown },
  ]
  /** An attempt ended after it had been given up for lost; its outcome was refused. */
  'run:outcome-refused': [RunEvent]
  /** A task added to a counter of its own. */
  'task:counted': [RunEvent & { counter: string; by: number }]
  /** Something failed, Postgres being away most likely; it is tried again in `retryInMs`. */
  'component:failed': [{ component: string; error: unknown; retryInMs: number }]
}

/** Which attempt of which run something happened to. */
export interface RunEvent {
  readonly runId: string
  readonly scheduleId: string
  readonly scheduleName: string
  readonly taskName: string
  readonly attempt: number
}

/** Why a run exists. */
export type RunOrigin = 'schedule' | 'catch_up' | 'backfill' | 'manual'

/** What became of due instants; of a range of missed ones, each counts. */
export interface FireOutcome {
  readonly origin: 'schedule' | 'catch_up'
  readonly status: 'queued' | 'waiting' | 'skipped' | 'missed'
  readonly reason: string | null
  readonly instants: number
}

/** An emitter of what happens. None of its events has to be listened to. */
export type Events = EventEmitter<PgbeatEvents>

/** An emitter to be given to several parts of a process, so that all that happens is told in one place. */
export function createEvents(): Events {
  return new EventEmitter<PgbeatEvents>()
}
