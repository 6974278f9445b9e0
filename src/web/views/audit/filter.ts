import type { QueryOf } from '../../../client/routes.ts'
import { scheduleEventTypes } from '../../../core/schedule-event.ts'
import { systemEventTypes } from '../../../core/system-event.ts'

/** What can have been done. */
export const eventTypes = [...scheduleEventTypes, ...systemEventTypes] as const

/** What the trail is narrowed down to. Empty means any. */
export type Filter = {
  readonly type: '' | (typeof eventTypes)[number]
  readonly who: string
  /** Its name or its id. */
  readonly schedule: string
}

export function readFilter(query: Readonly<Record<string, string>>): Filter {
  return {
    type: eventTypes.find((type) => type === query.type) ?? '',
    who: query.who ?? '',
    schedule: query.schedule ?? '',
  }
}

/** As the API is asked for a page. */
export function toQuery({ type, who, schedule }: Filter): QueryOf<'GET /audit'> {
  return {
    ...(type !== '' && { event_type: type }),
    ...(who !== '' && { changed_by: who }),
    ...(schedule !== '' && { schedule_id: schedule }),
  }
}
