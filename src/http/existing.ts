import { timetableOf } from '../store/preview.ts'
import { isId } from '../store/schedule-ref.ts'
import { findSchedule, type Schedule } from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { invalidField, notFound } from './problem.ts'

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

/**
 * The id that `schedule_id` in a query stands for: that of a schedule which is gone, too.
 * @throws Problem invalid_request
 */
export async function scheduleIdInQuery(db: Db, ref: string | undefined): Promise<string | undefined> {
  if (ref === undefined || isId(ref)) return ref
  const schedule = await findSchedule(db, ref)
  if (schedule === undefined) throw invalidField('schedule_id', `no schedule is called ${JSON.stringify(ref)}`)
  return schedule.id
}
