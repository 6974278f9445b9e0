import type { MirroredEvent } from '../store/mirror.ts'

/** What consumers are told of an event, on the channel and in the stream. */
export interface Message {
  readonly event_type: 'schedule_created' | 'schedule_updated' | 'schedule_deleted'
  readonly schedule_id: string
  /** When it happened, ISO 8601 in UTC. */
  readonly timestamp: string
}

const types = {
  created: 'schedule_created',
  updated: 'schedule_updated',
  paused: 'schedule_updated',
  resumed: 'schedule_updated',
  deleted: 'schedule_deleted',
} as const satisfies Record<MirroredEvent['event_type'], Message['event_type']>

export function toMessage({ event_type, schedule_id, occurred_at }: MirroredEvent): Message {
  return { event_type: types[event_type], schedule_id, timestamp: occurred_at.toISOString() }
}
