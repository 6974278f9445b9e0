import type pg from 'pg'
import { type Percentiles, percentiles } from '../percentiles.ts'
import type { Arrival } from '../support/arrivals.ts'
import { periodByCategory } from './mix.ts'

/** Of instants, in Unix milliseconds; the end is exclusive. */
interface Window {
  readonly from: number
  readonly until: number
}

export interface Lateness {
  readonly runs: number
  readonly skipped: number
  readonly fire: Percentiles
  readonly queue: Percentiles
  readonly lateness: Percentiles
}

const inWindow = 'scheduled_for >= to_timestamp($1::float8 / 1000) and scheduled_for < to_timestamp($2::float8 / 1000)'

/** @throws when a schedule has not one run for each instant of a window, or one of them was missed */
export async function verifyEachInstant(client: pg.Client, { from, until }: Window): Promise<void> {
  const { rows } = await client.query(
    `select s.name, count(r.id) as runs, count(distinct r.scheduled_for) as instants,
       count(*) filter (where r.origin <> 'schedule' or r.status not in ('succeeded', 'skipped')) as others,
       $3::int / p.seconds as expected
     from pgbeat.schedules s
     join ${periodByCategory} as p(category, seconds) using (category)
     left join pgbeat.runs r on r.schedule_id = s.id and ${inWindow}
     group by s.id, p.seconds
     having count(r.id) <> $3::int / p.seconds or count(distinct r.scheduled_for) <> $3::int / p.seconds
       or count(*) filter (where r.origin <> 'schedule' or r.status not in ('succeeded', 'skipped')) > 0`,
    [from, until, (until - from) / 1_000],
  )
  if (rows.length > 0) throw new Error(`${rows.length} schedules with other runs than due: ${JSON.stringify(rows[0])}`)
}

/**
 * The fire delay as somebody sees it who waits for jobs: the first job that was heard of is that of the run that was queued
 * first, and so on.
 * @param arrivals of all jobs that there ever were
 */
export async function readLateness(
  client: pg.Client,
  { from, until }: Window,
  arrivals: readonly Arrival[],
): Promise<Lateness> {
  const { rows } = await client.query(
    `select status, extract(epoch from scheduled_for)::float8 * 1000 as instant, ${inWindow} as "isInWindow",
       extract(epoch from queued_at)::float8 * 1000 as "queuedAt",
       extract(epoch from started_at)::float8 * 1000 as "startedAt"
     from pgbeat.runs order by queued_at, id`,
    [from, until],
  )
  const heardAt = arrivals.flatMap(({ jobs, at }) => Array.from({ length: jobs }, () => at))
  const queued = rows.filter(({ queuedAt }) => queuedAt !== null)
  if (queued.length !== heardAt.length) throw new Error(`heard of ${heardAt.length} jobs of ${queued.length}`)
  const measured = queued
    .map((row, index) => ({ ...row, heardAt: heardAt[index] as number }))
    .filter(({ isInWindow }) => isInWindow)
  const of = (pick: (row: (typeof measured)[number]) => number) => percentiles(measured.map(pick))
  const runs = rows.filter(({ isInWindow }) => isInWindow).length
  return {
    runs,
    skipped: runs - measured.length,
    fire: of(({ heardAt, instant }) => heardAt - instant),
    queue: of(({ startedAt, queuedAt }) => startedAt - queuedAt),
    lateness: of(({ startedAt, instant }) => startedAt - instant),
  }
}
