import type { AnswerOf, CallOptions, Calls } from '../../client/client.ts'
import { CommandFailure } from '../command-failure.ts'
import type { Argument, Values } from '../flags.ts'
import { UsageError } from '../usage-error.ts'

/** Which schedules, by what they have. */
export const filterFlags = {
  task: { value: '<name>', summary: 'those of this task', completes: 'tasks' },
  tag: { value: '<tag>', many: true, summary: 'those that have all of these' },
  category: { value: '<category>', summary: 'those of this category' },
  search: { value: '<text>', summary: 'those with this in their name or description, in any case' },
  invalid: { negatable: true, summary: 'those that can have no next instant' },
} as const

export const selectionFlags = {
  ...filterFlags,
  all: { summary: 'every schedule' },
} as const

export const scheduleNames = [
  {
    name: 'schedule',
    summary: 'its name or id; or flags that choose schedules',
    isOptional: true,
    isMany: true,
    completes: 'schedules',
  },
] as const satisfies readonly Argument[]

export const scheduleName = [
  { name: 'schedule', summary: 'its name or id', completes: 'schedules' },
] as const satisfies readonly Argument[]

/** Filters as the API takes them. */
export function toFilter({ task, tag, category, search, invalid }: Values<typeof filterFlags>) {
  return {
    ...(task !== undefined && { task_name: task }),
    ...(tag !== undefined && { tags: tag }),
    ...(category !== undefined && { category }),
    ...(search !== undefined && { search }),
    ...(invalid !== undefined && { invalid }),
  }
}

/** Which schedules a bulk action is about. */
export type Selection = Pick<NonNullable<CallOptions<'POST /bulk/pause'>['body']>, 'ids' | 'filter'>

/** @throws UsageError unless it is clear which */
export function toSelection(names: readonly string[], flags: Values<typeof selectionFlags>): Selection {
  const filter = toFilter(flags)
  const hasFilter = Object.keys(filter).length > 0
  if ([names.length > 0, hasFilter, flags.all === true].filter(Boolean).length > 1) {
    throw new UsageError('give names, or flags that choose schedules, or --all: not several of them')
  }
  if (names.length > 0) return { ids: [...names] }
  if (hasFilter || flags.all === true) return { filter }
  throw new UsageError('which schedules? Give names, --task, --tag, --category, --search, --invalid or --all')
}

type BulkRoute = 'POST /bulk/pause' | 'POST /bulk/resume' | 'POST /bulk/trigger' | 'POST /bulk/delete'
export type BulkResult = AnswerOf<BulkRoute>['data']

/**
 * What a bulk action would do.
 * @throws CommandFailure when one of the schedules isn't there
 */
export async function lookAhead(api: Calls, route: BulkRoute, selection: Selection): Promise<BulkResult> {
  const { data } = await api.call(route, { body: { ...selection, dry_run: true } })
  if (data.not_found.length > 0) {
    const names = data.not_found.map((name) => JSON.stringify(name)).join(', ')
    throw new CommandFailure(`there is no schedule ${names}: nothing was done`, 'notFound')
  }
  return data
}

/** `the schedule a`, `3 schedules (a, b, c)`. */
export function named({ changed, schedules }: Pick<BulkResult, 'changed' | 'schedules'>): string {
  if (changed === 0) return 'no schedule'
  const names = schedules.slice(0, 5).map(({ name }) => name)
  if (changed === 1) return `the schedule ${names[0]}`
  return `${changed} schedules (${names.join(', ')}${changed > names.length ? ', …' : ''})`
}
