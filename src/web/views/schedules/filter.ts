import type { QueryOf } from '../../../client/routes.ts'

/** What the list is narrowed down to. Empty means any. */
export type Filter = {
  readonly search: string
  readonly state: '' | (typeof states)[number]
  readonly task: string
  readonly category: string
  /** With commas between them. */
  readonly tags: string
}

export const states = ['enabled', 'paused', 'invalid'] as const

export function readFilter(query: Readonly<Record<string, string>>): Filter {
  return {
    search: query.search ?? '',
    state: states.find((state) => state === query.state) ?? '',
    task: query.task ?? '',
    category: query.category ?? '',
    tags: query.tags ?? '',
  }
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
