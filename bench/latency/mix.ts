// Schedules of several kinds: half of what they fire falls on whole seconds, all at once, the rest is spread over them.

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

interface Kind {
  readonly name: string
  /** Of a hundred fires. */
  readonly share: number
  readonly everySeconds: number
  /** The timetable, in SQL, of the schedule number `n`. */
  readonly cron: string
  readonly every: string
  readonly startsAt: string
}

const kinds: readonly Kind[] = [
  { name: 'cron each second', share: 30, everySeconds: 1, cron: `'* * * * * *'`, every: 'null', startsAt: 'null' },
  {
    name: 'cron each 5 seconds',
    share: 20,
    everySeconds: 5,
    cron: `n % 5 || '-59/5 * * * * *'`,
    every: 'null',
    startsAt: 'null',
  },
  {
    name: 'every second, anchored within it',
    share: 20,
    everySeconds: 1,
    cron: 'null',
    every: `interval '1 second'`,
    startsAt: `date_trunc('second', now()) - interval '1 minute' + n * 7 % 1000 * interval '1 millisecond'`,
  },
  {
    name: 'every 2 seconds, anchored within them',
    share: 30,
    everySeconds: 2,
    cron: 'null',
    every: `interval '2 seconds'`,
    startsAt: `date_trunc('second', now()) - interval '1 minute' + n * 13 % 2000 * interval '1 millisecond'`,
  },
]

/** Inserts schedules with that many fires a second together, and waits until all are planned. */
export async function insertMix(client: pg.Client, rate: number): Promise<void> {
  for (const { name, share, everySeconds, cron, every, startsAt } of kinds) {
    await client.query(
      `insert into pgbeat.schedules (name, task_name, payload, cron_expression, every, starts_at, timezone, overlap_policy,
         category)
       select $1 || ' ' || n, 'echo', jsonb_build_object('n', n), ${cron}, ${every}, ${startsAt},
         (array['UTC', 'Asia/Tokyo', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])[1 + n % 5],
         (array['allow', 'skip', 'queue'])[1 + n % 3], $1
       from generate_series(1, $2::int) n`,
      [name, (rate * share * everySeconds) / 100],
    )
  }
  for (;;) {
    const { rowCount } = await client.query('select from pgbeat.schedules where next_run_at is null limit 1')
    if (rowCount === 0) return
    await delay(50)
  }
}

/** e.g. `300 cron each second, …` */
export async function readMix(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    'select category, count(*) from pgbeat.schedules group by category order by min(created_at), category',
  )
  const total = rows.reduce((sum, { count }) => sum + Number(count), 0)
  const parts = rows.map(({ category, count }) => `${Number(count).toLocaleString('en')} ${category}`)
  return `${total.toLocaleString('en')} schedules (${parts.join('; ')}) in 5 time zones with 3 overlap policies`
}

/** Seconds between the instants of a schedule, by its category; for a statement. */
export const periodByCategory = `(values ${kinds.map(({ name, everySeconds }) => `('${name}', ${everySeconds})`).join(', ')})`
