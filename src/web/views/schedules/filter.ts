import type { QueryOf } from '../../../client/routes.ts'

/** What the list is narrowed down to; in the address, so that it can be kept and sent. */
export interface Filter {
  readonly search: string
  readonly state: '' | 'enabled' | 'paused' | 'invalid'
  readonly task: string
  readonly category: string
  /** With commas between them. */
  readonly tags: string
}

export const none: Filter = { search: '', state: '', task: '', category: '', tags: '' }

export function readFilter(query: Readonly<Record<string, string>>): Filter {
  const state = query.state
  return {
    search: query.search ?? '',
    state: state === 'enabled' || state === 'paused' || state === 'invalid' ? state : '',
    task: query.task ?? '',
    category: query.category ?? '',
    tags: query.tags ?? '',
  }
}

/** The address of the list with a filter. */
export function addressOf(filter: Filter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
  return query.size === 0 ? '/schedules' : `/schedules?${query}`
}

export function isEmpty(filter: Filter): boolean {
  return addressOf(filter) === addressOf(none)
}

/** As the API is asked for a page. */
export function toQuery(filter: Filter): QueryOf<'GET /schedules'> {
  const { tags, ...body } = toBody(filter)
  return { ...body, ...(tags !== undefined && { tags: tags.join(',') }) }
}

/** As bulk actions are told on which schedules. */
export function toBody({ search, state, task, category, tags }: Filter) {
  const wanted = tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  return {
    ...(search !== '' && { search }),
    ...(state === 'invalid' && { invalid: true }),
    ...((state === 'enabled' || state === 'paused') && { enabled: state === 'enabled' }),
    ...(task !== '' && { task_name: task }),
    ...(category !== '' && { category }),
    ...(wanted.length > 0 && { tags: wanted }),
  }
}
