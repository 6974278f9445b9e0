import { encodeBookmark, type Position } from '../../store/change-position.ts'
import type { Change } from '../../store/change-rows.ts'
import { keyOf } from '../../store/changes.ts'
import { type Subject, subjectOf } from './filter.ts'
import { toWire } from './sse.ts'

/** What is sent: written once, for however many clients. */
export interface Message {
  /** Null for what concerns everybody. */
  readonly subject: Subject | null
  readonly wire: Buffer
}

/** Why a client has to load anew what it shows. */
export type Reload = keyof typeof reloads

const reloads = {
  ready: 'what changes from now on is told; load what there is',
  overflow: 'too much has changed to tell one by one; load it anew',
  reset: 'it is not known what has changed since the given position; load everything anew',
} as const

/** An event of the stream itself: what changed before `position` isn't told. */
export function reloadMessage(reload: Reload, position: Position): Message {
  return {
    subject: null,
    wire: toWire({ event: reload, data: { message: reloads[reload] }, id: encodeBookmark({ position }) }),
  }
}

/** Moves on where a client resumes, and tells nothing. */
export function positionMessage(position: Position): Message {
  return { subject: null, wire: toWire({ id: encodeBookmark({ position }) }) }
}

/** All changes from one position to another; each message says how far it goes, to resume right behind it. */
export function changeMessages(changes: readonly Change[], from: Position, until: Position): Message[] {
  return changes.map((change, index) => {
    const isLast = index === changes.length - 1
    const bookmark = isLast ? { position: until } : { position: from, within: { until, after: keyOf(change) } }
    const { event, data } = describe(change)
    return { subject: subjectOf(change), wire: toWire({ event, data, id: encodeBookmark(bookmark) }) }
  })
}

function describe(change: Change): { event: string; data: unknown } {
  if (change.kind === 'schedule') return { event: `schedule.${change.event.event_type}`, data: change.event }
  if (change.kind === 'backfill') return { event: `backfill.${change.backfill.status}`, data: change.backfill }
  return { event: `run.${change.run.status}`, data: change.run }
}
