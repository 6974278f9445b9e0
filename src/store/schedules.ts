import { type Insertable, type Selectable, sql } from 'kysely'
import { type Actor, asActor } from './as-actor.ts'
import { seconds } from './duration.ts'
import { planOf } from './planning.ts'
import { Refused } from './refusal.ts'
import { isId } from './schedule-ref.ts'
import type { Db, SchedulesTable } from './tables.ts'

export type Schedule = Selectable<SchedulesTable>
export type NewSchedule = Insertable<SchedulesTable>
/** Columns to set; those left out keep their values. */
export type ScheduleChanges = Partial<NewSchedule>

/** The durations of a schedule in seconds, to be selected after all columns. */
export const durations = seconds('every', 'jitter', 'catch_up_window', 'retry_delay', 'timeout')

/** @param ref id or name */
export async function findSchedule(db: Db, ref: string): Promise<Schedule | undefined> {
  // No name has one, and Postgres would not even take the question.
  if (ref.includes('\0')) return undefined
  return db.selectFrom('pgbeat.schedules').selectAll().select(durations).where(isReferredToBy(ref)).executeTakeFirst()
}

/** Whether a task has a schedule that is enabled. */
export async function hasEnabledSchedule(db: Db, task: string): Promise<boolean> {
  const found = await db
    .selectFrom('pgbeat.schedules')
    .select('id')
    .where('task_name', '=', task)
    .where('enabled', '=', true)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** @throws Refused */
export async function createSchedule(db: Db, actor: Actor, schedule: NewSchedule): Promise<Schedule> {
  return asActor(db, actor, async (trx) => {
    const created = await trx
      .insertInto('pgbeat.schedules')
      .values(schedule)
      .returningAll()
      .returning(durations)
      .executeTakeFirstOrThrow()
    return plannable(trx, created)
  })
}

/**
 * @param revisions changes it only if it has one of these; null = any. Answers undefined where nothing fits.
 * @throws Refused
 */
export async function changeSchedule(
  db: Db,
  actor: Actor,
  ref: string,
  changes: ScheduleChanges,
  revisions: readonly string[] | null = null,
): Promise<Schedule | undefined> {
  return asActor(db, actor, async (trx) => {
    const changed = await trx
      .updateTable('pgbeat.schedules')
      // An edit that changes nothing still has to be one of the revisions.
      .set(Object.keys(changes).length === 0 ? { name: sql<string>`name` } : changes)
      .where(isReferredToBy(ref))
      .where(hasRevisionOf(revisions))
      .returningAll()
      .returning(durations)
      .executeTakeFirst()
    const isJudged = plannedAnew.some((column) => column in changes)
    return changed && isJudged ? plannable(trx, changed) : changed
  })
}

/** @param revisions as in `changeSchedule` */
export async function deleteSchedule(
  db: Db,
  actor: Actor,
  ref: string,
  revisions: readonly string[] | null = null,
): Promise<Schedule | undefined> {
  return asActor(db, actor, (trx) =>
    trx
      .deleteFrom('pgbeat.schedules')
      .where(isReferredToBy(ref))
      .where(hasRevisionOf(revisions))
      .returningAll()
      .returning(durations)
      .executeTakeFirst(),
  )
}

/**
 * The checks in SQL let pass what only croner can judge; here croner does so before anything is committed. Answers the
 * schedule with the next instant that the leader is about to write. A paused one is not judged: it may be paused because
 * it is wrong.
 */
async function plannable(trx: Db, schedule: Schedule): Promise<Schedule> {
  if (!schedule.enabled || schedule.next_run_at !== null) return schedule
  const planned = await planOf(trx, schedule.id)
  if (planned.error !== null) throw new Refused('schedule', planned.field, planned.error)
  const { nextRunAt } = planned
  return { ...schedule, next_run_at: nextRunAt === null ? Number.POSITIVE_INFINITY : new Date(nextRunAt) }
}

/** An edit of one of these is planned anew; any other says nothing about the timetable. */
const plannedAnew: (keyof ScheduleChanges)[] = [
  'cron_expression',
  'every',
  'run_at',
  'timezone',
  'starts_at',
  'ends_at',
  'max_runs',
  'enabled',
]

function hasRevisionOf(revisions: readonly string[] | null) {
  return revisions === null ? sql<boolean>`true` : sql<boolean>`revision = any(${revisions}::bigint[])`
}

function isReferredToBy(ref: string) {
  return isId(ref) ? sql<boolean>`id = ${ref}::uuid` : sql<boolean>`name = ${ref}`
}
