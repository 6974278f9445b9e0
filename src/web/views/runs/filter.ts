import type { QueryOf } from '../../../client/routes.ts'

const names = ['status', 'task', 'origin', 'from', 'until'] as const

/** What the list is narrowed down to; in the address, so that it can be kept and sent. Empty means any. */
export type Filter = Readonly<Record<(typeof names)[number], string>>

export const none: Filter = { status: '', task: '', origin: '', from: '', until: '' }

export function readFilter(query: Readonly<Record<string, string>>): Filter {
  return Object.fromEntries(names.map((name) => [name, query[name] ?? ''])) as Filter
}

/** The address of the list with a filter. */
export function addressOf(filter: Filter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
  return query.size === 0 ? '/runs' : `/runs?${query}`
}

/** As the API is asked for a page. Times of day are the viewer's. */
export function toQuery({ status, task, origin, from, until }: Filter): QueryOf<'GET /runs'> {
  return {
    ...(status !== '' && { status }),
    ...(task !== '' && { task_name: task }),
    ...(origin !== '' && { origin }),
    ...(from !== '' && { from: new Date(from) }),
    ...(until !== '' && { until: new Date(until) }),
  }
}
