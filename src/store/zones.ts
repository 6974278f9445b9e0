import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Of more schedules, the zones of these many are known. A million take about a quarter of a second. */
export const mostSchedules = 1_000_000

export interface ZonesInUse {
  readonly zones: readonly string[]
  /** There are more schedules than were looked at. */
  readonly is_bounded: boolean
}

export async function readZonesInUse(db: Db): Promise<ZonesInUse> {
  const { rows } = await sql<ZonesInUse>`
    with zone as materialized (
      select timezone, count(*) from (select timezone from pgbeat.schedules limit ${mostSchedules + 1}) bounded
      group by timezone
    )
    select array(select timezone from zone order by timezone) as zones,
      coalesce((select sum(count) from zone) > ${mostSchedules}, false) as is_bounded`.execute(db)
  return rows[0] as ZonesInUse
}

/** Those that Postgres knows of these. */
export async function knownZones(db: Db, zones: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ zone: string }>`
    select zone from unnest(${[...zones]}::text[]) zone where pgbeat.is_time_zone(zone)`.execute(db)
  return new Set(rows.map(({ zone }) => zone))
}

/** An instant in a zone, in Unix milliseconds. */
export interface ZonedInstant {
  readonly zone: string
  readonly at: number
}

/**
 * How far the clocks of a zone are ahead of UTC at an instant, in milliseconds, for each of them.
 * @throws when Postgres does not know one of the zones
 */
export async function offsetsInPostgres(db: Db, instants: readonly ZonedInstant[]): Promise<number[]> {
  const { rows } = await sql<{ offset: number }>`
    select (extract(epoch from (at at time zone zone) - (at at time zone 'UTC')) * 1000)::float8 as offset
    from (
      select zone, to_timestamp(ms / 1000) as at, position
      from unnest(${instants.map(({ zone }) => zone)}::text[], ${instants.map(({ at }) => at)}::float8[])
        with ordinality as given(zone, ms, position)
    ) given
    order by position`.execute(db)
  return rows.map(({ offset }) => offset)
}
