import { sql } from 'kysely'
import { type BackfillChoice, isChosen } from '../core/backfill.ts'
import { type ClockChange, clockChange } from '../core/clock-change.ts'
import type { RunStatus } from '../core/run-state.ts'
import type { Timetable } from '../core/timetable.ts'
import { walk } from '../core/walk.ts'
import { toInstant } from './planning.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

/** A backfill whose instants are being listed. Instants are Unix milliseconds. */
export interface ListingRow {
  readonly id: string
  readonly scheduleId: string
  /** null: the schedule is gone. */
  readonly timetable: Timetable | null
  readonly which: BackfillChoice
  readonly isDryRun: boolean
  readonly after: number
  /** Inclusive. */
  readonly upTo: number
  readonly listed: number
}

/**
 * Locks one backfill whose instants are to be listed. It waits until the ledger is up to date for its range, so that
 * what nobody has accounted for yet is not taken for missing.
 */
export async function lockListing(db: Db): Promise<ListingRow | null> {
  const { rows } = await sql<ListingSelection>`
    select s.*, b.id, b.schedule_id, b.which, b.dry_run,
      (ceil(extract(epoch from b.starts_at) * 1000) - 1)::float8 as before_start,
      (extract(epoch from b.listed_until) * 1000)::float8 as listed_until,
      floor(extract(epoch from b.ends_at) * 1000)::float8 as backfill_ends_at,
      (select count(*) from pgbeat.backfill_instants where backfill_id = b.id)::integer as listed
    from pgbeat.backfills b
    left join lateral (
      select id as found_id, ${timetableColumns} from pgbeat.schedules where schedules.id = b.schedule_id
    ) s on true
    where b.status = 'listing'
      and not exists (select from pgbeat.lapses l
        where l.schedule_id = b.schedule_id and l.since <= b.ends_at and l.until > b.starts_at)
      and not exists (
        select from pgbeat.schedules late
        where late.id = b.schedule_id and late.enabled and late.error is null
          and (late.next_run_at is null or late.next_run_at <= b.ends_at))
    order by b.id limit 1
    for update of b skip locked`.execute(db)
  return rows[0] === undefined ? null : toListingRow(rows[0])
}

type ListingSelection = TimetableRow & {
  readonly id: string
  readonly schedule_id: string
  readonly which: BackfillChoice
  readonly dry_run: boolean
  readonly found_id: string | null
  readonly before_start: number
  readonly listed_until: number | null
  readonly backfill_ends_at: number
  readonly listed: number
}

function toListingRow(row: ListingSelection): ListingRow {
  return {
    id: row.id,
    scheduleId: row.schedule_id,
    timetable: row.found_id === null ? null : toTimetable(row),
    which: row.which,
    isDryRun: row.dry_run,
    after: row.listed_until ?? row.before_start,
    upTo: row.backfill_ends_at,
    listed: row.listed,
  }
}

export interface ListedInstant {
  readonly at: number
  readonly found: RunStatus | null
  readonly isChosen: boolean
  readonly clockChange: ClockChange | null
}

/** The instants of a backfill's range, a slice of them at a time. Unix milliseconds. */
export interface ListedRange {
  readonly scheduleId: string
  readonly timetable: Timetable
  readonly which: BackfillChoice
  readonly after: number
  /** Inclusive. */
  readonly upTo: number
}

const instantsAtOnce = 1_000

/**
 * The next instants of a range, with what the ledger has for them.
 * @throws TimetableError when the timetable can't be read
 */
export async function listInstants(
  db: Db,
  { scheduleId, timetable, which, after, upTo }: ListedRange,
): Promise<{ instants: ListedInstant[]; isAtEnd: boolean }> {
  const { instants, isAtEnd } = walk(timetable, { after, upTo, most: instantsAtOnce })
  const found = await findRunsAt(db, scheduleId, instants)
  const listed = instants.map((at, index) => {
    const status = found[index] ?? null
    return { at, found: status, isChosen: isChosen(which, status), clockChange: clockChange(timetable, at) }
  })
  return { instants: listed, isAtEnd }
}

/**
 * What the ledger has for instants of a schedule, in their order: the status of the run, `missed` for one in a range.
 * Ranges of an earlier timetable are not asked: nobody knows any more which instants they have.
 */
async function findRunsAt(db: Db, scheduleId: string, instants: readonly number[]): Promise<(RunStatus | null)[]> {
  const { rows } = await sql<{ found: RunStatus | null }>`
    select coalesce(r.status, covering.status, case when is_lapsing then 'missed' end) as found
    from unnest(${instants.map(toInstant)}::timestamptz[]) with ordinality as i(at, position)
    left join pgbeat.runs r on r.schedule_id = ${scheduleId} and r.scheduled_for = i.at
    left join lateral (
      select case when m.missed_since <= i.at then m.status end as status from pgbeat.runs m
      where m.schedule_id = ${scheduleId} and m.status = 'missed' and m.scheduled_for > i.at
        and m.missed_since >= (select timetable_since from pgbeat.schedules where id = ${scheduleId})
      order by m.scheduled_for limit 1
    ) covering on r.id is null,
    lateral (
      select exists (
        select from pgbeat.lapses l
        where l.schedule_id = ${scheduleId} and l.since <= i.at and i.at < l.until
          and l.since >= (select timetable_since from pgbeat.schedules where id = ${scheduleId})
      ) as is_lapsing
    ) lapsing
    order by position`.execute(db)
  return rows.map(({ found }) => found)
}

/** Writes the instants that were listed; at the end of the list the backfill runs, or waits if it is a dry run. */
export async function writeListed(
  db: Db,
  { id, isDryRun, which, after }: ListingRow,
  instants: readonly ListedInstant[],
  isAtEnd: boolean,
): Promise<void> {
  await sql`
    insert into pgbeat.backfill_instants (backfill_id, scheduled_for, found, chosen, clock_change)
    select ${id}, * from unnest(
      ${instants.map(({ at }) => toInstant(at))}::timestamptz[],
      ${instants.map(({ found }) => found)}::text[],
      ${instants.map(({ isChosen }) => isChosen)}::boolean[],
      ${instants.map(({ clockChange }) => clockChange)}::text[])`.execute(db)
  const status = !isAtEnd ? 'listing' : isDryRun ? 'listed' : 'running'
  if (status === 'running' && which !== 'failed') await sql`select pgbeat.split_missed(${id})`.execute(db)
  await sql`
    update pgbeat.backfills set status = ${status}, listed_until = ${toInstant(instants.at(-1)?.at ?? after)}
    where id = ${id}`.execute(db)
}

/** @param error why it can't be run, for people */
export async function failBackfill(db: Db, id: string, error: string): Promise<void> {
  await sql`
    update pgbeat.backfills set status = 'failed', error = ${error}, finished_at = pgbeat.clock() where id = ${id}`.execute(
    db,
  )
}
