import { timetableOf } from '../store/preview.ts'
import { findSchedule, type Schedule } from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { notFound } from './problem.ts'

/** @throws Problem schedule_not_found */
export async function existingSchedule(db: Db, ref: string): Promise<Schedule> {
  const schedule = await findSchedule(db, ref)
  if (schedule === undefined) throw notFound('schedule', ref)
  return schedule
}

/**
 * The timetable of a schedule, as `timetableOf` answers it.
 * @throws Problem schedule_not_found also when it was deleted a moment ago
 */
export async function existingTimetable(db: Db, { id, name }: Pick<Schedule, 'id' | 'name'>) {
  const found = await timetableOf(db, id)
  if (found === null) throw notFound('schedule', name)
  return found
}
