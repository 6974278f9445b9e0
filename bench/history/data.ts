import type pg from 'pg'

export interface HistoryData {
  readonly runs: number
  readonly days: number
  readonly onDay: (day: number) => void
}

export const commonTask = 'echo'
export const rareTask = 'rare'
const schedules = 1_000

/**
 * Fills a database with runs of the days before today, evenly spread: one attempt each, a line of log for one of ten. Each
 * day is written into plain tables which then become partitions, so that their indexes are built at once.
 */
export async function fillHistory(database: pg.Client, { runs, days, onDay }: HistoryData): Promise<void> {
  await database.query(`set synchronous_commit to off; set timezone to 'UTC'; set maintenance_work_mem to '512MB'`)
  await database.query(`insert into pgbeat.tasks (name) values ($1), ($2), ('other') on conflict do nothing`, [
    commonTask,
    rareTask,
  ])
  await database.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression)
     select 'schedule-' || n, $1, '0 9 1 1 *' from generate_series(0, $2::int - 1) n`,
    [commonTask, schedules],
  )
  await database.query(
    `create temp table numbered as
     select row_number() over (order by name) - 1 as position, id, name from pgbeat.schedules`,
  )
  for (let day = days; day >= 1; day -= 1) {
    onDay(day)
    await fillDay(database, day, Math.round(runs / days))
  }
  await database.query('vacuum (freeze, analyze)')
}

async function fillDay(database: pg.Client, daysAgo: number, runs: number): Promise<void> {
  const { rows } = await database.query<{ day: string; name: string }>(
    `select (current_date - $1::int)::text as day, to_char(current_date - $1::int, 'YYYYMMDD') as name`,
    [daysAgo],
  )
  const { day, name } = rows[0] as (typeof rows)[number]
  const tables = ['runs', 'attempts', 'run_logs']
  await database.query('begin')
  for (const table of tables) {
    await database.query(`drop table if exists pgbeat.${table}_${name}`)
    await database.query(
      `do $$ begin execute format('create table pgbeat.${table}_${name} (like pgbeat.${table} including defaults
         including constraints) with (%s)', pgbeat.run_partition_settings('${table}')); end $$`,
    )
  }
  await database.query(
    `insert into pgbeat.runs_${name} (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
       max_attempts, attempt, node_id, queued_at, started_at, finished_at, result)
     select s.id, s.name, task, '{"n": 1}', at, origin, status,
       case status when 'failed' then null when 'cancelled' then 'cancelled' when 'skipped' then 'overlap'
         when 'missed' then 'paused' else case when n % 1000 = 7 then 'partial' end end,
       3, case when ran then 1 else 0 end, case when ran then '00000000-0000-4000-8000-000000000000'::uuid end,
       case when ran then at + interval '10 ms' end, case when ran then at + interval '20 ms' end,
       case when ran then at + interval '1 s' end, case when status = 'succeeded' then '{"ok": true}'::jsonb end
     from generate_series(0, $2::int - 1) n
     join numbered s on s.position = (n::bigint * 7919) % ${schedules},
     lateral (select
       $1::timestamptz + n * (interval '1 day' / $2::int) as at,
       case when n % 10000 = 5 then '${rareTask}' when n % 10 = 0 then 'other' else '${commonTask}' end as task,
       case when n % 100 = 1 then 'manual' when n % 500 = 2 then 'backfill' when n % 1000 = 3 then 'catch_up'
         else 'schedule' end as origin,
       case when n % 100 = 11 then 'failed' when n % 200 = 12 then 'cancelled' when n % 100 = 13 then 'skipped'
         when n % 200 = 14 then 'missed' else 'succeeded' end as status) what,
     lateral (select status not in ('skipped', 'missed') as ran) did
     order by n`,
    [day, runs],
  )
  await database.query(
    `insert into pgbeat.attempts_${name} (run_id, scheduled_for, attempt, node_id, started_at, finished_at, status)
     select id, scheduled_for, 1, node_id, started_at, finished_at, status from pgbeat.runs_${name} where attempt = 1`,
  )
  await database.query(
    `insert into pgbeat.run_logs_${name} (run_id, scheduled_for, attempt, line, logged_at, level, message)
     select id, scheduled_for, 1, 1, started_at, 'info', 'a line that a task has logged, of about this length'
     from pgbeat.runs_${name} where attempt = 1 and id % 10 = 0`,
  )
  for (const table of tables) {
    await database.query(
      `do $$ begin execute format('alter table pgbeat.${table} attach partition pgbeat.${table}_${name} for values from (%L)
         to (%L)', timestamptz '${day}', timestamptz '${day}' + interval '1 day'); end $$`,
    )
  }
  await database.query('commit')
}
