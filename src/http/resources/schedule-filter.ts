import { z } from 'zod'
import type { ScheduleFilter } from '../../store/schedule-filter.ts'
import { flagInQuery, textsInQuery } from '../fields/in-query.ts'
import { text } from '../fields/text.ts'

/** Which schedules, as lists are asked for them. */
export const scheduleFilterQuery = {
  enabled_only: flagInQuery.optional().describe('true: without paused ones'),
  enabled: flagInQuery.optional(),
  invalid: flagInQuery.optional().describe('true: those that can have no next instant; see their `error`'),
  category: text.max(200).optional(),
  tags: textsInQuery.optional().describe('Those that have all of these'),
  task_name: text.max(128).optional(),
  search: text.max(200).optional().describe('Part of the name or description, in any case'),
}

/** The same in a body. */
export const scheduleFilterBody = z.strictObject({
  enabled: z.boolean().optional(),
  invalid: z.boolean().optional(),
  category: text.max(200).optional(),
  tags: z.array(text).max(100).optional(),
  task_name: text.max(128).optional(),
  search: text.max(200).optional(),
})

type Given = z.output<typeof scheduleFilterBody> & { readonly enabled_only?: boolean | undefined }

export function toScheduleFilter({ enabled_only, enabled, invalid, task_name, ...same }: Given): ScheduleFilter {
  return {
    enabled: enabled_only === true ? true : enabled,
    hasError: invalid,
    taskName: task_name,
    category: same.category,
    tags: same.tags,
    search: same.search,
  }
}
