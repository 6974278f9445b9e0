import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

/** Pauses schedules that fire each second, one by one, and counts what was queued once its pause was committed. */
export async function pauses(client: pg.Client, schedules: number): Promise<{ fires: number; schedules: number }> {
  await client.query('create temporary table paused (id uuid primary key, at timestamptz not null)')
  const { rows } = await client.query(
    `insert into pgbeat.schedules (name, task_name, every, starts_at, overlap_policy)
     select 'firing-' || n, 'echo', interval '1 second', date_trunc('second', now()) + n * 7 % 1000 * interval '1 millisecond',
       'allow'
     from generate_series(1, $1::int) n returning id`,
    [schedules],
  )
  await delay(3_000)
  for (const { id } of rows) {
    await client.query('update pgbeat.schedules set enabled = false where id = $1', [id])
    await client.query('insert into paused values ($1, clock_timestamp())', [id])
  }
  await delay(3_000)
  const { rows: counted } = await client.query(
    `select count(*) filter (where r.queued_at > p.at)::int as after, count(distinct p.id)::int as fired
     from paused p join pgbeat.runs r on r.schedule_id = p.id`,
  )
  if (counted[0].fired !== schedules) throw new Error(`only ${counted[0].fired} of ${schedules} schedules ever fired`)
  return { fires: counted[0].after, schedules }
}
