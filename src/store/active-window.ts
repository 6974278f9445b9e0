import { type RawBuilder, sql } from 'kysely'
import type { Db } from './tables.ts'

/** Unix milliseconds. */
interface Range {
  readonly since: number
  /** Exclusive. */
  readonly until: number
}

const dayMs = 86_400_000
/** A condition has no more; ranges beside each other are one. */
const mostRanges = 10

/**
 * Where active runs (waiting, queued, running, retrying) can be; migration 0022 says how that is known. Answers a condition
 * on the runs that a statement knows by a name, to be added to whatever looks for active ones: it is made of values, so that
 * the planner leaves out all other partitions. Right for what was committed when it was asked for, so ask anew each time.
 */
export async function activeWindow(db: Db): Promise<(runs: string) => RawBuilder<boolean>> {
  const { rows } = await sql<Range & { days: number[] }>`
    select floor(extract(epoch from since) * 1000)::float8 as since,
      ceil(extract(epoch from greatest(until, clock_timestamp() + interval '1 hour')) * 1000)::float8 as until,
      array(select distinct extract(epoch from day)::float8 * 1000 from pgbeat.active_days) as days
    from pgbeat.active_window`.execute(db)
  const { days, ...window } = rows[0] as (typeof rows)[number]
  const ranges = joined([window, ...days.map((day) => ({ since: day, until: day + dayMs }))])
  return (runs) => {
    const instant = sql.ref(`${runs}.scheduled_for`)
    const within = ranges.map(
      ({ since, until }) => sql`${instant} >= ${timestamp(since)} and ${instant} < ${timestamp(until)}`,
    )
    return sql`(${sql.join(within, sql` or `)})`
  }
}

/** Those that overlap or touch as one; all as one where they would be too many. */
function joined(ranges: readonly Range[]): Range[] {
  const found: Range[] = []
  for (const range of ranges.toSorted((one, other) => one.since - other.since)) {
    const last = found.at(-1)
    if (last === undefined || range.since > last.until) found.push(range)
    else found[found.length - 1] = { since: last.since, until: Math.max(last.until, range.until) }
  }
  const [first, last] = [found[0], found.at(-1)]
  return found.length > mostRanges && first && last ? [{ since: first.since, until: last.until }] : found
}

function timestamp(ms: number): RawBuilder<Date> {
  return sql`${new Date(ms).toISOString()}::timestamptz`
}

/** Keeps up with the time; to be done about once a minute. Does nothing while somebody makes an old run active. */
export async function moveActiveWindow(db: Db): Promise<void> {
  await db
    .transaction()
    .setIsolationLevel('read committed')
    .execute((trx) => sql`select pgbeat.move_active_window()`.execute(trx))
}
