// The order in which schedule_events are copied to Redis, and up to where they have been (0023_mirror.sql).

import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** How far the mirror has come. Numbers count events. */
export interface MirrorPlace {
  /** The first half of the ids of the stream's entries; the second is the number. */
  readonly epoch: number
  readonly numbered: number
  readonly sent: number
}

/** An event as the mirror tells of it. */
export interface MirroredEvent {
  readonly number: number
  readonly event_id: string
  readonly event_type: 'created' | 'updated' | 'paused' | 'resumed' | 'deleted'
  readonly schedule_id: string
  readonly occurred_at: Date
}

/** Those that change a schedule; what is done to its runs does not. */
const mirrored = sql`('created', 'updated', 'paused', 'resumed', 'deleted')`

/** Gives numbers to events that have become visible since the last time. */
export async function numberEvents(db: Db): Promise<MirrorPlace> {
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      // By a statement of its own, for the next one is to see what others have done meanwhile.
      await sql`select from pgbeat.mirror for update`.execute(trx)
      const { rows } = await sql<MirrorPlace>`
        with place as materialized (
          select m.*, c.system_identifier as here, pg_current_snapshot() as seen,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xmax
          from pgbeat.mirror m, pg_control_system() c
        ), unseen as materialized (
          select e.id from pgbeat.schedule_events e, place
          where place.system_identifier = place.here and e.xid >= pg_snapshot_xmin(place.snapshot)
            and not pg_visible_in_snapshot(e.xid, place.snapshot)
            -- A dump that was restored has ids of another cluster, and they may be greater than that of the row itself.
            and e.xid::text::bigint <= pgbeat.full_xid(e.xmin, place.xmax)
            and e.event_type in ${mirrored}
          union all
          select e.id from pgbeat.schedule_events e, place
          where place.system_identifier is distinct from place.here and e.id > place.last_event_id
            and e.event_type in ${mirrored}
        ), added as (
          insert into pgbeat.mirrored_events (number, event_id)
          select place.numbered + row_number() over (order by unseen.id), unseen.id from unseen, place
        )
        update pgbeat.mirror set
          snapshot = place.seen,
          system_identifier = place.here,
          numbered = mirror.numbered + (select count(*) from unseen),
          last_event_id = greatest(mirror.last_event_id, (select max(id) from unseen))
        from place
        returning mirror.epoch::float8, mirror.numbered::float8, mirror.sent::float8`.execute(trx)
      return rows[0] as MirrorPlace
    })
}

/** The events that come next after a number, in their order. */
export async function mirroredAfter(db: Db, number: number, limit: number): Promise<MirroredEvent[]> {
  const { rows } = await sql<MirroredEvent>`
    select m.number::float8, e.id as event_id, e.event_type, e.schedule_id, e.occurred_at
    from (select * from pgbeat.mirrored_events where number > ${number} order by number limit ${limit}) m
      join pgbeat.schedule_events e on e.id = m.event_id
    order by m.number`.execute(db)
  return rows
}

/** Notes that the events up to a number are in Redis, and forgets those that the stream need not keep any more. */
export async function noteSent(db: Db, number: number, keep: number): Promise<void> {
  await sql`
    with forgotten as (delete from pgbeat.mirrored_events where number <= ${number - keep})
    update pgbeat.mirror set sent = greatest(sent, ${number}), sent_at = clock_timestamp()`.execute(db)
}

/** Notes who mirrors, and how that goes. */
export async function noteMirror(
  db: Db,
  { channel, nodeId, error }: { channel: string; nodeId: string; error: string | null },
): Promise<void> {
  await sql`
    update pgbeat.mirror set
      channel = ${channel}, node_id = ${nodeId}, seen_at = clock_timestamp(), error = ${error},
      failing_since = case when ${error}::text is not null then coalesce(failing_since, clock_timestamp()) end`.execute(
    db,
  )
}

/**
 * Begins to count anew in the stream, which has entries that this database knows nothing of; unless somebody else has.
 * What was sent before does not belong to the new entries.
 * @param above the first half of the id of the stream's last entry
 */
export async function beginEpoch(db: Db, above: number): Promise<void> {
  await sql`
    with begun as (
      update pgbeat.mirror set epoch = greatest(${above}::bigint + 1, floor(extract(epoch from clock_timestamp()) * 1000))
      where epoch <= ${above} returning sent
    )
    delete from pgbeat.mirrored_events using begun where number <= begun.sent`.execute(db)
}

/** The row of `pgbeat.mirror`, and what it says now. */
export interface MirrorRow {
  /** Null while nobody has ever mirrored. */
  readonly channel: string | null
  readonly node_id: string | null
  readonly seen_at: Date | null
  /** How long ago a leading tick has shown that it mirrors. */
  readonly seen_age_seconds: number | null
  readonly sent: number
  readonly sent_at: Date | null
  /** Events that are not in Redis yet; of more than `mostCounted`, it is that. */
  readonly lag_events: number
  /** How long ago the first of them happened; 0 when there is none. */
  readonly lag_seconds: number
  readonly failing_since: Date | null
  readonly error: string | null
  /** The id that the last entry of the stream should have. */
  readonly stream_id: string
}

/** How many events of a lag are counted at most, each of those with a number and those without. */
export const mostCounted = 100_000

export async function readMirror(db: Db): Promise<MirrorRow> {
  const { rows } = await sql<MirrorRow>`
    with unseen as materialized (
      select e.occurred_at from pgbeat.schedule_events e, pgbeat.mirror m, pg_control_system() c
      where m.system_identifier = c.system_identifier and e.xid >= pg_snapshot_xmin(m.snapshot)
        and not pg_visible_in_snapshot(e.xid, m.snapshot) and e.event_type in ${mirrored}
      limit ${sql.lit(mostCounted)}
    ), oldest as (
      select least(
        (select min(occurred_at) from unseen),
        (select e.occurred_at from pgbeat.schedule_events e
         where e.id = (select event_id from pgbeat.mirrored_events q, pgbeat.mirror m where q.number = m.sent + 1))
      ) as at
    )
    select channel, node_id, seen_at, extract(epoch from clock_timestamp() - seen_at)::float8 as seen_age_seconds,
      sent::float8, sent_at,
      case when channel is null then 0 else (numbered - sent + (select count(*) from unseen))::float8 end as lag_events,
      case when channel is null then 0
        else greatest(0, coalesce(extract(epoch from clock_timestamp() - oldest.at), 0))::float8 end as lag_seconds,
      failing_since, error, epoch || '-' || sent as stream_id
    from pgbeat.mirror, oldest`.execute(db)
  return rows[0] as MirrorRow
}

/** Has the leader look at the schedules now, wherever it is. */
export async function wakeTick(db: Db): Promise<void> {
  await sql`select pg_notify('pgbeat_schedules', '')`.execute(db)
}
