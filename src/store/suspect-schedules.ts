// Enabled schedules with which something is wrong, each kind found by an index of its own or in a bounded part of the table.

import { type RawBuilder, sql } from 'kysely'
import type { Db } from './tables.ts'

/** No more are counted. */
export const mostSuspects = 1_000
const mostExamples = 3
const mostLookedAt = 250_000

export interface Suspect {
  readonly name: string
  /** Why it can't be planned. */
  readonly error: string | null
  /** How long it has been like this, as far as that is known. */
  readonly seconds: number | null
  /** Of the latest instant that was missed or skipped; null where there is none. */
  readonly run_status: string | null
  readonly run_reason: string | null
}

export interface Suspects {
  /** At most 1,000. */
  readonly count: number
  /** The first of them. */
  readonly examples: Suspect[]
}

/** Those that can't be planned. */
export async function findInvalid(db: Db): Promise<Suspects> {
  return find(db, sql`enabled and error is not null order by id`, sql`updated_at`)
}

/** Those that should have fired so long ago, the latest first. */
export async function findOverdue(db: Db, overdueForMs: number): Promise<Suspects> {
  return find(db, sql`enabled and next_run_at < ${before(overdueForMs)} order by next_run_at`, sql`next_run_at`)
}

/** Those that have waited so long for the leader to find out when they fire. */
export async function findUnplanned(db: Db, unplannedForMs: number): Promise<Suspects> {
  const unplanned = sql`enabled and next_run_at is null and error is null and updated_at < ${before(unplannedForMs)} order by id`
  return find(db, unplanned, sql`updated_at`)
}

/**
 * Those that have never fired though an instant of theirs was decided about, so that it was missed or skipped, and those
 * that never will, for no instant is left. What is due now and didn't fire is overdue, and whatever has still to come is
 * sound, in however many years. Instants that passed in a pause were not to fire. Looks at 250,000 schedules.
 */
export async function findNeverFired(db: Db): Promise<Suspects> {
  const from = sql`(select * from pgbeat.schedules limit ${sql.lit(mostLookedAt)}) schedules`
  const neverFired = sql`enabled and run_count = 0 and (last_run_at is not null or next_run_at = 'infinity')`
  return find(db, neverFired, sql`last_run_at`, from)
}

async function find(
  db: Db,
  suspicion: RawBuilder<unknown>,
  since: RawBuilder<unknown>,
  from = sql`pgbeat.schedules`,
): Promise<Suspects> {
  const { rows } = await sql<Suspects>`
    with found as materialized (
      select id, name, error, ${since} as since from ${from} where ${suspicion} limit ${sql.lit(mostSuspects)}
    ), examples as (
      select f.name, f.error, extract(epoch from pgbeat.clock() - f.since)::float8 as seconds,
        r.status as run_status, r.reason as run_reason
      from (select * from found limit ${sql.lit(mostExamples)}) f left join lateral (
        select status, reason from pgbeat.runs
        where schedule_id = f.id and status in ('missed', 'skipped') order by scheduled_for desc limit 1
      ) r on true
    )
    select (select count(*)::int from found) as count,
      coalesce((select json_agg(examples) from examples), '[]') as examples`.execute(db)
  return rows[0] as Suspects
}

function before(ms: number): RawBuilder<Date> {
  return sql`(select pgbeat.clock()) - ${sql.lit(ms)} * interval '1 millisecond'`
}
