import { sql } from 'kysely'
import { isLocked } from './postgres-errors.ts'
import type { Db } from './tables.ts'

const runsAtOnce = 1_000

// What is forgotten is what was over, and whose instant was past, before an instant: `keepSince`, Unix milliseconds.

/** The instant from which on everything is kept, by the clock of Postgres: Unix milliseconds. */
export async function retainedSince(db: Db, retentionDays: number): Promise<number> {
  const { rows } = await sql<{ since: number }>`
    select extract(epoch from pgbeat.clock() - ${retentionDays} * interval '24 hours')::float8 * 1000 as since`.execute(
    db,
  )
  return rows[0]?.since as number
}

/** The days (UTC, YYYY-MM-DD) that have partitions and are over, the first of them first. */
export async function daysBefore(db: Db, keepSince: number): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select distinct to_char(day, 'YYYY-MM-DD') as day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid, lateral to_date(right(c.relname, 8), 'YYYYMMDD') day
    where i.inhparent = any('{pgbeat.runs,pgbeat.attempts,pgbeat.run_logs}'::regclass[]) and c.relname ~ '_[0-9]{8}$'
      and day < (${instant(keepSince)} at time zone 'UTC')::date
    order by day`.execute(db)
  return rows.map(({ day }) => day)
}

/**
 * Drops the partitions of a day. Answers false when there are runs in it that are to be kept, or when somebody reads the
 * runs for long: everybody else waits behind whoever waits for him, so that is given up after a tenth of a second.
 */
export async function dropDay(db: Db, day: string, keepSince: number): Promise<boolean> {
  try {
    const { rows } = await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute((trx) =>
        sql<{ dropped: boolean }>`
          select pgbeat.drop_run_partitions(${day}::date, ${instant(keepSince)}) as dropped`.execute(trx),
      )
    return rows[0]?.dropped ?? false
  } catch (error) {
    if (isLocked(error)) return false
    throw error
  }
}

/**
 * Deletes runs of days that have no partition of their own, with their attempts and logs: as many as are quickly done.
 * Answers how many.
 */
export async function deleteFromDefault(db: Db, keepSince: number): Promise<number> {
  const isOld = sql`scheduled_for < ${instant(keepSince)}`
  const { rows } = await sql<{ runs: number }>`
    with found as (
      (select id, scheduled_for from pgbeat.runs_default
       where finished_at < ${instant(keepSince)} and ${isOld} order by finished_at limit ${runsAtOnce})
      union all
      (select id, scheduled_for from pgbeat.runs_default
       where status in ('skipped', 'missed') and finished_at is null and ${isOld} order by status, id limit ${runsAtOnce})
    ), locked as (
      select r.id, r.scheduled_for from found join pgbeat.runs_default r using (id, scheduled_for)
      where r.status in ('succeeded', 'failed', 'cancelled', 'skipped', 'missed')
      for update of r skip locked
    ), gone as (
      delete from pgbeat.runs_default r using locked where r.id = locked.id and r.scheduled_for = locked.scheduled_for
      returning r.id, r.scheduled_for
    ), attempts as (
      delete from pgbeat.attempts_default a using gone where a.run_id = gone.id and a.scheduled_for = gone.scheduled_for
    ), lines as (
      delete from pgbeat.run_logs_default l using gone where l.run_id = gone.id and l.scheduled_for = gone.scheduled_for
    )
    select count(*)::int as runs from gone`.execute(db)
  return rows[0]?.runs ?? 0
}

/** Deletes a backfill that is over, with the list of its instants; answers whether there was one. */
export async function deleteOldBackfill(db: Db, keepSince: number): Promise<boolean> {
  const { rows } = await sql`
    delete from pgbeat.backfills where id = (
      select id from pgbeat.backfills where finished_at < ${instant(keepSince)}
      order by id limit 1 for update skip locked)
    returning id`.execute(db)
  return rows.length > 0
}

function instant(ms: number) {
  return sql`${new Date(ms).toISOString()}::timestamptz`
}
