// Reads what has changed since somebody last looked, exactly: nothing twice, nothing left out, whatever the order in which
// transactions become visible.
//
// Changes have no order of their own to go by. A transaction that recorded its change (with an id, at a time) may be
// committed minutes after others that came later. So a position in the changes is not a number but what a statement saw:
// its snapshot. New is what was written by a transaction that this snapshot does not show; and the snapshot of the
// statement that asks is the next position.
//
// Changes of schedules are rows of schedule_events, each with the transaction that wrote it. A backfill has in its row the
// transaction that wrote its status last; of several changes between two readings there is the last one. Runs are written
// too often to record anything besides: their row versions are what is read, by the system column xmin, again
// the last one of several. As no index has xmin, only those rows are looked at that can have changed: runs with
// new ids, those under way, and those that have ended lately (change-window.ts says since when).
//
// A savepoint has a transaction id of its own, which is what xmin says then, and a snapshot doesn't tell it from one that
// was over. So from the oldest open transaction on, the ids whose changes were read are remembered (`seen`), and all
// others count as new. When there are more than `mostSeen` of them, the snapshot decides about the rest.
//
// Limits. A transaction that is open for longer than a minute, and changes runs that are not under way then (it cancelled
// them, say), may be left out; so may savepoints of one that more than `mostSeen` others have overtaken. What a deletion
// takes away isn't told: retention of runs, and the ranges of missed runs that a backfill splits up.

import { sql } from 'kysely'
import pg from 'pg'
import {
  type ChangeKey,
  changeKinds,
  mostSeen,
  type Position,
  parseSnapshot,
  type Snapshot,
} from './change-position.ts'
import {
  type Change,
  type ChangedBackfillJson,
  type ChangedRun,
  changedBackfill,
  changedRun,
  runColumns,
  type ScheduleEventJson,
  scheduleEvent,
  toBackfillChange,
  toRunChange,
  toScheduleChange,
} from './change-rows.ts'
import type { Moment } from './change-window.ts'
import { openPool } from './database.ts'
import type { Db } from './tables.ts'

/** More than these at once are not told one by one. */
export const mostChanges = 1_000
/** Nor are more than these, as JSON: somebody has to hold them. */
const mostBytes = 4 * 1024 * 1024
/** How many read at the same time at most. */
export const mostReadersOfChanges = 4
const longestReadMs = 5_000
const answerTimeoutMs = longestReadMs + 5_000

/**
 * Connections to read changes with. The statement is planned once, and by what it says instead of by statistics: reading
 * all of a table is never what it needs, and with a partition a day planning takes far longer than the reading.
 */
export function openChangesPool(connectionString: string): pg.Pool {
  return openPool({
    connectionString,
    applicationName: 'pgbeat api changes',
    maxConnections: mostReadersOfChanges,
    answerTimeoutMs,
    // By statements, as not every pooler passes on options of the session.
    onConnect: async (client) => {
      await client.query(`set plan_cache_mode to force_generic_plan; set enable_seqscan to off; set jit to off;
        set statement_timeout to ${longestReadMs}`)
    },
  })
}

/** Whether an error says that reading took too long: there is too much to look through. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014'
}

/** A different database, or another history of it: after a failover, or when it was restored to an earlier time. */
const source = sql`(
  select left(md5(concat_ws('/', c.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), d.oid)), 12)
  from pg_control_system() c, pg_database d where d.datname = current_database())`

const moment = sql`
  select pg_current_snapshot() as snapshot, pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xmax,
    pgbeat.clock() as now,
    (select last_value from pgbeat.runs_id_seq) as last_run_id, ${source} as source`

const momentColumns = sql`snapshot::text, source, last_run_id::text,
  greatest(0, floor(extract(epoch from now) * 1000))::float8 as at`

interface MomentRow {
  readonly snapshot: string
  readonly source: string
  readonly last_run_id: string
  readonly at: number
}

function toMoment({ snapshot, source, last_run_id, at }: MomentRow): Moment {
  return { snapshot: parseSnapshot(snapshot), source, lastRunId: BigInt(last_run_id), at }
}

export async function readMoment(db: Db): Promise<Moment> {
  const { rows } = await sql<MomentRow>`with moment as (${moment}) select ${momentColumns} from moment`.execute(db)
  return toMoment(rows[0] as MomentRow)
}

/** What to read: what is new since `from`, but not what is new since `until` as well, and only what comes after `after`. */
export interface ChangeRange {
  readonly from: Position
  readonly until?: Snapshot | undefined
  readonly after?: ChangeKey | undefined
}

export interface ReadChanges {
  readonly moment: Moment
  /** What a position at this moment has to remember as seen. */
  readonly seen: readonly bigint[]
  /** In the order of ChangeKey; null when there are more than `mostChanges`, or they are more than `mostBytes`. */
  readonly changes: readonly Change[] | null
}

export async function readChanges(db: Db, { from, until, after }: ChangeRange): Promise<ReadChanges> {
  const { snapshot, since } = from
  const written = (row: Sql) => sql`(${row}.xid >= ${snapshot.xmax.toString()}::xid8
    and ${row}.xid < (select pg_snapshot_xmax(snapshot) from moment)
    or ${row}.xid = any(${snapshot.xip.map(String)}::xid8[]))`
  const { rows } = await sql<
    MomentRow & {
      seen: string[]
      is_told: boolean
      events: ScheduleEventJson[] | null
      backfills: ChangedBackfillJson[] | null
      runs: ChangedRun[] | null
    }
  >`
    with moment as materialized (${moment}),
    -- In a step of its own, or Postgres might go through all of the history in the order of ids to find the few.
    recorded as materialized (
      select e.*, e.xid::text::bigint as written_by, e.xmin as row_xmin from pgbeat.schedule_events e
      where ${written(sql`e`)}
    ), edits as (
      select ${scheduleEvent}
      from recorded e, moment
      -- A dump that was restored has ids of another cluster, and they may be greater than that of the row itself.
      where e.written_by <= pgbeat.full_xid(e.row_xmin, moment.xmax)
        and ${isShown(sql`e.written_by`, until)} and e.id > ${idAfter('schedule', after)}
      order by e.id limit ${mostChanges + 1}
    ), moved as materialized (
      select b.*, b.xid::text::bigint as written_by, b.xmin as row_xmin from pgbeat.backfills b where ${written(sql`b`)}
    ), backfills as (
      select ${changedBackfill}
      from moved b, moment
      where b.written_by <= pgbeat.full_xid(b.row_xmin, moment.xmax)
        and ${isShown(sql`b.written_by`, until)} and b.id > ${idAfter('backfill', after)}
      order by b.id limit ${mostChanges + 1}
    ), candidates as (
      select ${runColumns}, xmin as row_xmin from pgbeat.runs where id > ${since.runId.toString()}
      union all
      select ${runColumns}, xmin from pgbeat.runs
      where id <= ${since.runId.toString()} and status in ('queued', 'running', 'retrying')
      union all
      select ${runColumns}, xmin from pgbeat.runs
      where id <= ${since.runId.toString()} and status not in ('queued', 'running', 'retrying')
        -- The clock may have been set back.
        and finished_at > (select least(now, to_timestamp(${since.at}::float8 / 1000)) from moment)
    ), written as materialized (
      select * from (select candidates.*, pgbeat.full_xid(row_xmin, moment.xmax) as xid from candidates, moment) c
      where xid >= ${xid(snapshot.xmin)}
    ), changed as (
      select ${changedRun}
      from written
      where ${isNew(sql`xid`, from)} and ${isShown(sql`xid`, until)} and id > ${idAfter('run', after)}
      order by written.id limit ${mostChanges + 1}
    ), told as materialized (
      select (select json_agg(edits) from edits) as events, (select json_agg(backfills) from backfills) as backfills,
        (select json_agg(changed) from changed) as runs
    ), measured as (
      select told.*, octet_length(concat(events, backfills, runs)) <= ${mostBytes}
        and coalesce(json_array_length(events), 0) + coalesce(json_array_length(backfills), 0)
          + coalesce(json_array_length(runs), 0) <= ${mostChanges} as is_told
      from told
    )
    select ${momentColumns}, is_told,
      case when is_told then events end as events,
      case when is_told then backfills end as backfills,
      case when is_told then runs end as runs,
      array(
        select distinct xid from written where xid >= pg_snapshot_xmin(moment.snapshot)::text::bigint
        order by xid desc limit ${mostSeen}
      )::text[] as seen
    from moment, measured`.execute(db)
  const row = rows[0] as (typeof rows)[number]
  const changes = [
    ...(row.events ?? []).map(toScheduleChange),
    ...(row.backfills ?? []).map(toBackfillChange),
    ...(row.runs ?? []).map(toRunChange),
  ]
  return {
    moment: toMoment(row),
    seen: row.seen.map(BigInt),
    changes: row.is_told ? changes : null,
  }
}

export function keyOf(change: Change): ChangeKey {
  return { kind: change.kind, id: BigInt(rowOf(change).id) }
}

function rowOf(change: Change): { readonly id: string } {
  switch (change.kind) {
    case 'schedule':
      return change.event
    case 'backfill':
      return change.backfill
    case 'run':
      return change.run
  }
}

const greatestId = 2n ** 63n - 1n

/** Behind which id to go on with one kind, when all up to a change are told. */
function idAfter(kind: ChangeKey['kind'], after: ChangeKey | undefined): string {
  if (after === undefined) return '0'
  const distance = changeKinds.indexOf(kind) - changeKinds.indexOf(after.kind)
  return (distance < 0 ? greatestId : distance === 0 ? after.id : 0n).toString()
}

/** Whether a run's change by a transaction was not read yet at a position. */
function isNew(id: Sql, { snapshot: { xmin, xmax, xip }, seen }: Position): Sql {
  const seenFrom = seen.length < mostSeen ? xmin : seen.reduce((least, id) => (id < least ? id : least))
  return sql`(${id} >= ${xid(xmax)} or ${id} = any(${xids(xip)}) or (${id} >= ${xid(seenFrom)} and ${id} <> all(${xids(seen)})))`
}

/** Whether a snapshot, if there is one, shows what a transaction wrote. */
function isShown(id: Sql, snapshot: Snapshot | undefined): Sql {
  const { xmax, xip } = snapshot ?? { xmax: greatestId, xip: [] }
  return sql`(${id} < ${xid(xmax)} and ${id} <> all(${xids(xip)}))`
}

type Sql = ReturnType<typeof sql>

function xid(id: bigint): Sql {
  return sql`${id.toString()}::bigint`
}

function xids(ids: readonly bigint[]): Sql {
  return sql`${ids.map(String)}::bigint[]`
}
