import {
  changeSchedule,
  deleteSchedule,
  findSchedule,
  type Schedule,
  type ScheduleChanges,
} from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { actorOf } from './access/caller.ts'
import type { Caller } from './endpoint.ts'
import { notFound, Problem } from './problem.ts'

export const etagHeader = { ETag: 'The revision, in quotes; `If-Match` takes it' }

export function etagOf({ revision }: Schedule): Record<string, string> {
  return { ETag: `"${revision}"` }
}

interface Change {
  readonly stored: Schedule
  readonly changes: ScheduleChanges
  readonly caller: Caller
  readonly note?: string | undefined
  readonly revisions: readonly string[] | null
}

/** @throws Problem revision_mismatch, schedule_not_found */
export async function changeAtRevision(
  db: Db,
  { stored, changes, caller, note, revisions }: Change,
): Promise<Schedule> {
  const changed = await changeSchedule(db, actorOf(caller, note), stored.id, changes, revisions)
  if (changed === undefined) throw await whyUnchanged(db, stored.id, revisions)
  return changed
}

/** @throws Problem revision_mismatch, schedule_not_found */
export async function deleteAtRevision(
  db: Db,
  { stored, caller, revisions }: Omit<Change, 'changes' | 'note'>,
): Promise<Schedule> {
  const deleted = await deleteSchedule(db, actorOf(caller), stored.id, revisions)
  if (deleted === undefined) throw await whyUnchanged(db, stored.id, revisions)
  return deleted
}

async function whyUnchanged(db: Db, id: string, revisions: readonly string[] | null): Promise<Problem> {
  const current = await findSchedule(db, id)
  if (current === undefined || revisions === null) return notFound('schedule', id)
  const message = `the schedule has revision ${current.revision}, not ${revisions.join(' or ')}`
  return new Problem('revision_mismatch', message, {
    errors: [{ field: 'If-Match', message }],
    headers: etagOf(current),
  })
}
