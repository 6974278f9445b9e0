import { findSchedule, type Schedule } from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { notFound } from './problem.ts'

/** @throws Problem schedule_not_found */
export async function existingSchedule(db: Db, ref: string): Promise<Schedule> {
  const schedule = await findSchedule(db, ref)
  if (schedule === undefined) throw notFound('schedule', ref)
  return schedule
}
