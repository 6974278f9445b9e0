import type pg from 'pg'
import { mailFailure } from './tasks.ts'

/** What the past of a schedule was like. */
export interface Character {
  /** How long it has been there. */
  readonly days: number
  readonly durationMs: readonly [least: number, most: number]
  /** How long its runs wait for their turn, at most. */
  readonly waitMs?: number
  /** Of 100 runs so many fail, and why. */
  readonly failures?: readonly [percent: number, error: string]
  /** Minutes ago, when it was paused and when it went on. */
  readonly paused?: readonly [since: number, until: number]
}

/** By their names. */
export const characters: Readonly<Record<string, Character>> = {
  'import-orders': {
    days: 1,
    durationMs: [14_000, 68_000],
    waitMs: 800,
    failures: [3, 'the shop in Porto answers 503'],
  },
  'daily-report': { days: 14, durationMs: [700, 2_400] },
  'weekly-report': { days: 14, durationMs: [300, 900], failures: [100, mailFailure] },
  prices: { days: 7, durationMs: [200, 900], failures: [2, 'the exchange answers 429'] },
  'night-audit': { days: 3, durationMs: [2_000, 9_000] },
  cleanup: { days: 7, durationMs: [4_000, 15_000] },
  heartbeat: { days: 1, durationMs: [4, 30] },
  rates: { days: 1, durationMs: [60, 400], failures: [1, 'no rate for CHF'] },
  thumbnails: { days: 1, durationMs: [500, 8_000], paused: [44, 37] },
  'stock-levels': {
    days: 1,
    durationMs: [800, 3_000],
    failures: [4, 'the warehouse does not answer: ECONNREFUSED 192.0.2.7:443'],
  },
  ...Object.fromEntries(
    ['berlin', 'kyoto', 'lisbon', 'osaka', 'porto', 'tokyo'].map((shop) => [
      `takings-${shop}`,
      { days: 2, durationMs: [300, 2_000] } satisfies Character,
    ]),
  ),
}

/** Writes the schedules, of all kinds. Their tasks are there. */
export async function addSchedules(pool: pg.Pool): Promise<void> {
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone, category, tags, description, payload, max_attempts)
    values
      ('import-orders', 'import_orders', '* * * * *', 'Europe/Berlin', 'shop', '{orders}', 'What the shops have sold', '{"shop": "all"}', 1),
      ('daily-report', 'send_report', '30 9 * * 1-5', 'Asia/Tokyo', 'reports', '{mail,finance}', 'The numbers of the day before', '{"kind": "daily"}', 3),
      ('weekly-report', 'send_report', '0 8 * * 1', 'Europe/Berlin', 'reports', '{mail}', 'The numbers of the week', '{"kind": "weekly"}', 1),
      ('prices', 'echo', '*/5 9-15 * * 1-5', 'Asia/Tokyo', 'stocks', '{stocks}', 'Prices while the exchange is open', '{"market": "prime"}', 3),
      ('night-audit', 'echo', '30 2 * * *', 'America/New_York', 'finance', '{finance}', 'Books of the day', '{}', 3),
      ('stock-levels', 'echo', '*/5 * * * *', 'Europe/Berlin', 'shop', '{stock}', null, '{}', 3),
      ('cleanup', 'echo', '0 */6 * * *', 'UTC', 'upkeep', '{}', null, '{}', 3),
      ('newsletter', 'send_report', '0 10 1 * *', 'Europe/London', 'reports', '{mail}', 'On the first of each month', '{}', 3)`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone, category, tags, payload)
    select 'takings-' || shop, 'echo', '0,15,30,45 * * * *', zone, 'shop', '{finance}', jsonb_build_object('shop', shop)
    from (values ('berlin', 'Europe/Berlin'), ('kyoto', 'Asia/Tokyo'), ('lisbon', 'Europe/Lisbon'), ('osaka', 'Asia/Tokyo'),
      ('porto', 'Europe/Lisbon'), ('tokyo', 'Asia/Tokyo')) shops (shop, zone)`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every, category)
    values ('heartbeat', 'echo', '10 seconds', 'upkeep'), ('rates', 'echo', '15 seconds', 'stocks'),
      ('thumbnails', 'echo', '40 seconds', 'shop')`)
}
