import type pg from 'pg'
import { progress } from '../support/report.ts'

const insertedAtOnce = 50_000

/**
 * Inserts schedules that are planned already, none of them due within an hour: in place of the triggers, which would
 * check, audit and plan each, it writes what they would have left behind.
 */
export async function insertPlanned(client: pg.Client, n: number): Promise<void> {
  await client.query('set session_replication_role = replica')
  for (let from = 1; from <= n; from += insertedAtOnce) {
    const until = Math.min(n, from + insertedAtOnce - 1)
    await client.query(
      `with added as (
         insert into pgbeat.schedules (name, task_name, payload, every, starts_at, timezone, next_run_at)
         select 'daily-report-customer-' || n, 'echo', jsonb_build_object('customer', n, 'report', 'sales'),
           interval '1 day', due, 'UTC', due
         from generate_series($1::int, $2::int) n,
           lateral (select date_trunc('second', now()) + interval '1 hour' + n % 80000 * interval '1 second' as due) d
         returning *
       )
       insert into pgbeat.schedule_search (schedule_id, name, task_name, tags, enabled, created_at, updated_at)
       select id, name, task_name, pgbeat.searched_tags(tags), enabled, created_at, updated_at from added`,
      [from, until],
    )
    if (n > insertedAtOnce) progress(`  ${until} of ${n} schedules`)
  }
  await client.query('reset session_replication_role')
  await client.query('vacuum (freeze, analyze)')
  await client.query('checkpoint')
}

/** Has as many of them due, evenly over that many seconds, from an instant on. */
export async function makeDue(client: pg.Client, from: number, perSecond: number, seconds: number): Promise<void> {
  await client.query('set session_replication_role = replica')
  await client.query(
    `update pgbeat.schedules s set starts_at = due, next_run_at = due
     from generate_series(0, $2::int * $3::int - 1) n,
       lateral (select to_timestamp($1::float8 / 1000) + n * 1000 / $2::int * interval '1 millisecond' as due) d
     where s.name = 'daily-report-customer-' || n + 1`,
    [from, perSecond, seconds],
  )
  await client.query('reset session_replication_role')
  await client.query('notify pgbeat_schedules')
}
