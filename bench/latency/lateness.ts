import type pg from 'pg'
import { type Percentiles, percentiles } from '../percentiles.ts'
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

export async function readLateness(client: pg.Client, { from, until }: Window): Promise<Lateness> {
  const { rows } = await client.query(
    `select status, extract(epoch from queued_at - scheduled_for)::float8 * 1000 as fire,
       extract(epoch from started_at - queued_at)::float8 * 1000 as queue,
       extract(epoch from started_at - scheduled_for)::float8 * 1000 as lateness
     from pgbeat.runs where ${inWindow}`,
    [from, until],
  )
  const started = rows.filter(({ status }) => status === 'succeeded')
  const of = (name: string) => percentiles(started.map((row) => row[name]))
  return {
    runs: rows.length,
    skipped: rows.length - started.length,
    fire: of('fire'),
    queue: of('queue'),
    lateness: of('lateness'),
  }
}
