import type { RunStatus } from '../../core/run-state.ts'
import type { Change } from '../../store/change-rows.ts'

/** Which changes a client wants; what is left out lets everything pass. */
export interface LiveFilter {
  readonly types?: readonly Change['kind'][] | undefined
  readonly scheduleId?: string | undefined
  readonly taskName?: string | undefined
  /** Of runs; all other changes pass. */
  readonly statuses?: readonly RunStatus[] | undefined
}

/** What there is to filter by. */
export interface Subject {
  readonly kind: Change['kind']
  readonly scheduleId: string
  readonly taskName: string | null
  readonly status: RunStatus | null
}

export function subjectOf(change: Change): Subject {
  if (change.kind === 'schedule') {
    return { kind: 'schedule', scheduleId: change.event.schedule_id, taskName: change.taskName, status: null }
  }
  if (change.kind === 'backfill') {
    return { kind: 'backfill', scheduleId: change.backfill.schedule_id, taskName: change.taskName, status: null }
  }
  const { schedule_id, task_name, status } = change.run
  return { kind: 'run', scheduleId: schedule_id, taskName: task_name, status }
}

export function isWanted(subject: Subject, { types, scheduleId, taskName, statuses }: LiveFilter): boolean {
  return (
    (types === undefined || types.includes(subject.kind)) &&
    (scheduleId === undefined || scheduleId.toLowerCase() === subject.scheduleId) &&
    (taskName === undefined || taskName === subject.taskName) &&
    (statuses === undefined || subject.status === null || statuses.includes(subject.status))
  )
}
