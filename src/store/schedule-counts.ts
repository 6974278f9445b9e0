import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Up to here counts are exact. */
const mostCounted = 10_000

const counted = ['total', 'paused', 'invalid', 'finished'] as const
type Counted = (typeof counted)[number]

/** A schedule may be in several: those that are invalid or finished are enabled or paused as well. */
export interface ScheduleCounts extends Readonly<Record<Counted, number>> {
  readonly enabled: number
  /** Which of these are estimates, for there are more than 10,000: what Postgres found when it last looked at the table. */
  readonly estimated: ('enabled' | Counted)[]
}

/**
 * How many schedules there are. Each is counted up to a bound, the fewer ones by indexes of their own. To be read by
 * `readBounded`.
 */
export async function countSchedulesByState(db: Db): Promise<ScheduleCounts> {
  const bounded = (where = sql``) =>
    sql`(select count(*)::int from (select from pgbeat.schedules ${where} limit ${sql.lit(mostCounted + 1)}) bounded)`
  const estimate = (relation: string) =>
    sql`(select reltuples::float8 from pg_class where oid = ${sql.lit(`pgbeat.${relation}`)}::regclass)`
  const { rows } = await sql<Record<Counted | `${Counted}_estimate`, number>>`
    select
      ${bounded()} as total, ${estimate('schedules')} as total_estimate,
      ${bounded(sql`where not enabled order by id`)} as paused, ${estimate('schedules_paused')} as paused_estimate,
      ${bounded(sql`where error is not null order by id`)} as invalid, ${estimate('schedules_invalid')} as invalid_estimate,
      ${bounded(sql`where next_run_at = 'infinity' order by id`)} as finished, ${estimate('schedules_finished')} as finished_estimate
  `.execute(db)
  const row = rows[0] as Record<Counted | `${Counted}_estimate`, number>
  const isEstimated = (name: Counted) => row[name] > mostCounted
  const count = (name: Counted) => (isEstimated(name) ? Math.max(row[name], row[`${name}_estimate`]) : row[name])
  const enabledIsEstimated = isEstimated('total') || isEstimated('paused')
  return {
    total: count('total'),
    enabled: Math.max(0, count('total') - count('paused')),
    paused: count('paused'),
    invalid: count('invalid'),
    finished: count('finished'),
    estimated: [...(enabledIsEstimated ? (['enabled'] as const) : []), ...counted.filter(isEstimated)],
  }
}
