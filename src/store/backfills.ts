import { type Selectable, sql } from 'kysely'
import { type BackfillChoice, runAgain } from '../core/backfill.ts'
import type { ClockChange } from '../core/clock-change.ts'
import type { RunStatus } from '../core/run-state.ts'
import type { Timetable } from '../core/timetable.ts'
import { addJob } from './job.ts'
import { toInstant } from './planning.ts'
import type { BackfillStatusView, Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

export type Backfill = Selectable<BackfillStatusView>

/** A backfill whose instants are being listed. Instants are Unix milliseconds. */
export interface ListingRow {
  readonly id: string
  readonly scheduleId: string
  /** null: the schedule is gone. */
  readonly timetable: Timetable | null
  readonly which: BackfillChoice
  readonly isDryRun: boolean
  readonly after: number
  readonly endsAt: number
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
      and not exists (select from pgbeat.lapses l where l.schedule_id = b.schedule_id and l.since <= b.ends_at)
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
    endsAt: row.backfill_ends_at,
    listed: row.listed,
  }
}

/** What the ledger has for instants of a schedule, in their order: the status of the run, `missed` for one in a range. */
export async function findRunsAt(
  db: Db,
  scheduleId: string,
  instants: readonly number[],
): Promise<(RunStatus | null)[]> {
  const { rows } = await sql<{ found: RunStatus | null }>`
    select coalesce(r.status, covering.status) as found
    from unnest(${instants.map(toInstant)}::timestamptz[]) with ordinality as i(at, position)
    left join pgbeat.runs r on r.schedule_id = ${scheduleId} and r.scheduled_for = i.at
    left join lateral (
      select case when m.missed_since <= i.at then m.status end as status from pgbeat.runs m
      where m.schedule_id = ${scheduleId} and m.status = 'missed' and m.scheduled_for > i.at
      order by m.scheduled_for limit 1
    ) covering on r.id is null
    order by position`.execute(db)
  return rows.map(({ found }) => found)
}

export interface ListedInstant {
  readonly at: number
  readonly found: RunStatus | null
  readonly isChosen: boolean
  readonly clockChange: ClockChange | null
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

/** Behind every live run, whatever its priority. */
const behindLiveRuns = 10_000

/**
 * Queues the next instants of the backfills that run, as many as each may have under way; answers how many. None while a
 * live run of the schedule is under way, unless they may overlap.
 */
export async function advanceBackfills(db: Db): Promise<number> {
  const { rows } = await sql<{ jobs: string }>`
    with free as (
      select b.id, b.schedule_id, b.which, b.max_active - under_way.count as slots, s.name, s.task_name,
        coalesce(b.payload, s.payload) as payload, s.queue_name, s.max_attempts, s.timeout,
        least(32767, greatest(s.priority, 0) + ${behindLiveRuns})::smallint as priority
      from pgbeat.backfills b
      join pgbeat.schedules s on s.id = b.schedule_id,
      lateral (
        select count(*) from pgbeat.runs
        where backfill_id = b.id and status in ('waiting', 'queued', 'running', 'retrying')
      ) under_way
      where b.status = 'running' and under_way.count < b.max_active
        and (s.overlap_policy = 'allow' or not exists (
          select from pgbeat.runs
          where schedule_id = s.id and status in ('waiting', 'queued', 'running', 'retrying') and origin <> 'backfill'))
      for update of b skip locked
    ), next as (
      select free.*, i.scheduled_for, i.clock_change
      from free, lateral (
        select scheduled_for, clock_change from pgbeat.backfill_instants
        where backfill_id = free.id and chosen and run_id is null
        order by scheduled_for limit free.slots
      ) i
    ), again as (
      update pgbeat.runs r set
        backfill_id = n.id, origin = 'backfill', status = 'queued', queued_at = pgbeat.clock(), reason = null,
        schedule_name = n.name, task_name = n.task_name, payload = n.payload, priority = n.priority,
        queue_name = n.queue_name, max_attempts = least(32767, r.attempt + n.max_attempts), timeout = n.timeout,
        missed_since = null, missed_count = null, job_id = null, node_id = null, started_at = null, finished_at = null,
        progress = null, result = null, error = null, cancel_requested_at = null, next_attempt_at = null,
        clock_change = n.clock_change
      from next n
      where r.schedule_id = n.schedule_id and r.scheduled_for = n.scheduled_for
        and r.status = any(case n.which ${whichCases} end)
      returning r.*
    ), first as (
      insert into pgbeat.runs (backfill_id, schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status,
        clock_change, priority, queue_name, max_attempts, timeout, queued_at)
      select id, schedule_id, name, task_name, payload, scheduled_for, 'backfill', 'queued', clock_change, priority, queue_name,
        max_attempts, timeout, pgbeat.clock()
      from next where which <> 'failed'
      on conflict (schedule_id, scheduled_for) do nothing
      returning *
    ), begun as (
      select * from again union all select * from first
    ), noted as (
      update pgbeat.backfill_instants i set run_id = begun.id, chosen = begun.id is not null
      from next left join begun on begun.backfill_id = next.id and begun.scheduled_for = next.scheduled_for
      where i.backfill_id = next.id and i.scheduled_for = next.scheduled_for
    ), jobs as (
      select added.id from begun, lateral ${addJob('begun', sql`begun.attempt + 1`)} added
    )
    select count(*) as jobs from jobs`.execute(db)
  return Number(rows[0]?.jobs)
}

const whichCases = sql.join(
  Object.entries(runAgain).map(([which, statuses]) => sql`when ${sql.lit(which)} then ${[...statuses]}::text[]`),
  sql` `,
)

/** Closes the backfills that have nothing left to do; answers which. */
export async function closeBackfills(db: Db): Promise<{ id: string; status: 'completed' | 'failed' }[]> {
  const { rows } = await sql<{ id: string; status: 'completed' | 'failed' }>`
    update pgbeat.backfills b set
      status = case when is_gone then 'failed' else 'completed' end,
      error = case when is_gone then 'the schedule was deleted' end, finished_at = pgbeat.clock()
    from (
      select id, not exists (select from pgbeat.schedules s where s.id = schedule_id) as is_gone
      from pgbeat.backfills where status = 'running'
    ) open
    where b.id = open.id
      and (is_gone or not exists (
        select from pgbeat.backfill_instants i where i.backfill_id = b.id and chosen and run_id is null))
      and not exists (
        select from pgbeat.runs
        where backfill_id = b.id and status in ('waiting', 'queued', 'running', 'retrying'))
    returning b.id, b.status`.execute(db)
  return rows
}
