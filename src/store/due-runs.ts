import { sql } from 'kysely'
import { type JobPayload, jobPayload } from './job.ts'
import type { Db } from './tables.ts'

/** A run whose next attempt may start, as its job would say it. */
export interface DueRun {
  readonly taskName: string
  readonly job: JobPayload
}

/** The runs that a worker with these tasks would execute now, in the order in which it would. */
export async function dueRuns(db: Db, taskNames: readonly string[]): Promise<DueRun[]> {
  const { rows } = await sql<DueRun>`
    select task_name as "taskName", ${jobPayload('runs', sql`runs.attempt + 1`)} as job
    from pgbeat.runs
    where status in ('queued', 'retrying') and task_name = any(${taskNames}::text[])
      and (next_attempt_at is null or next_attempt_at <= (select pgbeat.clock()))
    order by priority, scheduled_for, id`.execute(db)
  return rows
}

/** The next instant at which a schedule is due or an attempt may start, in Unix milliseconds; null = there is none. */
export async function nextMoment(db: Db): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`
    select ceil(extract(epoch from least(
      (select min(next_run_at) from pgbeat.schedules where enabled and next_run_at < 'infinity'),
      (select min(next_attempt_at) from pgbeat.runs where status in ('queued', 'retrying'))
    )) * 1000)::float8 as at`.execute(db)
  return rows[0]?.at ?? null
}

/** Empties graphile-worker's queue of the jobs of these tasks, for what they stood for was executed without it. */
export async function dropJobs(db: Db, taskNames: readonly string[]): Promise<void> {
  await sql`
    select graphile_worker.complete_jobs(array(
      select id from graphile_worker.jobs where task_identifier = any(${taskNames}::text[])))`.execute(db)
}
