import { type RawBuilder, sql } from 'kysely'

/** What a job of ours carries: which attempt of which run it is. `scheduled_for` is Postgres' own text, to the microsecond. */
export interface JobPayload {
  readonly run_id: string
  readonly scheduled_for: string
  readonly attempt: number
}

/** graphile-worker counts deliveries and we count attempts, so it never gives up by itself. */
export const mostDeliveries = sql.lit(32_767)

/** @param run the name under which a statement knows a row of `runs` */
export function jobPayload(run: string, attempt: RawBuilder<unknown>): RawBuilder<unknown> {
  const [id, scheduledFor] = [sql.ref(`${run}.id`), sql.ref(`${run}.scheduled_for`)]
  return sql`json_build_object('run_id', ${id}::text, 'scheduled_for', ${scheduledFor}, 'attempt', ${attempt})`
}

/**
 * A call that adds the job for an attempt of a run.
 * @param run the name under which a statement knows a row of `runs`
 * @param runAt the instant from which it may start; left out, now
 */
export function addJob(run: string, attempt: RawBuilder<unknown>, runAt = sql`null`): RawBuilder<unknown> {
  return sql`graphile_worker.add_job(
    ${sql.ref(`${run}.task_name`)}, ${jobPayload(run, attempt)}, queue_name := ${sql.ref(`${run}.queue_name`)},
    priority := ${sql.ref(`${run}.priority`)}, max_attempts := ${mostDeliveries}, run_at := ${runAt})`
}
