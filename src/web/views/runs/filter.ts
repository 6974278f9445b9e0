import type { QueryOf } from '../../../client/routes.ts'
import { type RunStatus, runStatuses } from '../../../core/run-state.ts'

export const origins = ['schedule', 'catch_up', 'backfill', 'manual'] as const

/** What the list is narrowed down to. Empty means any. */
export type Filter = {
  readonly status: '' | RunStatus
  readonly task: string
  readonly origin: '' | (typeof origins)[number]
  /** To the minute, in the viewer's zone. */
  readonly from: string
  readonly until: string
}

export function readFilter(query: Readonly<Record<string, string>>): Filter {
  return {
    status: runStatuses.find((status) => status === query.status) ?? '',
    task: query.task ?? '',
    origin: origins.find((origin) => origin === query.origin) ?? '',
    from: query.from ?? '',
    until: query.until ?? '',
  }
}

/** As the API is asked for a page. */
export function toQuery({ status, task, origin, from, until }: Filter): QueryOf<'GET /runs'> {
  return {
    ...(status !== '' && { status }),
    ...(task !== '' && { task_name: task }),
    ...(origin !== '' && { origin }),
    ...(from !== '' && { from: new Date(from) }),
    ...(until !== '' && { until: new Date(until) }),
  }
}
