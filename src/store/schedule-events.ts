import type { GeneratedAlways } from 'kysely'

export interface ScheduleEventsTable {
  id: GeneratedAlways<string>
  schedule_id: string
  schedule_name: string
  event_type: 'created' | 'updated' | 'paused' | 'resumed' | 'deleted'
  /** A key for each column that changed. */
  changes: Record<string, { from?: unknown; to?: unknown }>
  revision: string
  changed_by: string
  occurred_at: Date
}
