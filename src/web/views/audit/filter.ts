import type { QueryOf } from '../../../client/routes.ts'
import { type ScheduleEventType, scheduleEventTypes } from '../../../core/schedule-event.ts'

/** What the trail is narrowed down to; in the address, so that it can be kept and sent. Empty means any. */
export interface Filter {
  readonly type: '' | ScheduleEventType
  readonly who: string
  /** Its name or its id. */
  readonly schedule: string
}

export const none: Filter = { type: '', who: '', schedule: '' }

export function readFilter(query: Readonly<Record<string, string>>): Filter {
  return {
    type: scheduleEventTypes.find((type) => type === query.type) ?? '',
    who: query.who ?? '',
    schedule: query.schedule ?? '',
  }
}

/** The address of the trail with a filter. */
export function addressOf(filter: Filter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
  return query.size === 0 ? '/audit' : `/audit?${query}`
}

/** As the API is asked for a page. */
export function toQuery({ type, who, schedule }: Filter): QueryOf<'GET /audit'> {
  return {
    ...(type !== '' && { event_type: type }),
    ...(who !== '' && { changed_by: who }),
    ...(schedule !== '' && { schedule_id: schedule }),
  }
}
