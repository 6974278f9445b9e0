// The least that any scheduler on Postgres does for schedules that are due: advance the row, write a run under a unique
// key, add a row to a queue. No time zones, no policies, no history to read.

import type pg from 'pg'
import { withClient } from '../support/server.ts'

const batch = 5_000

/** In one statement for all, and in batches, each a transaction: the better of the two is the minimum. */
export const variants = ['one statement', 'batches'] as const
export type Variant = (typeof variants)[number]

const tables = `
  create table schedules (id uuid primary key, name text not null unique, task_name text not null, payload jsonb not null,
    next_run_at timestamptz);
  create index on schedules (next_run_at);
  create table runs (id bigint generated always as identity primary key, schedule_id uuid not null,
    scheduled_for timestamptz not null, task_name text not null, payload jsonb not null, status text not null,
    queued_at timestamptz not null, unique (schedule_id, scheduled_for));
  create table queue (id bigint generated always as identity primary key, task_name text not null, payload json not null,
    run_at timestamptz not null)`

const fire = `
  with due as (
    select id, next_run_at as scheduled_for from schedules where next_run_at <= now()
    order by next_run_at limit $1 for update skip locked
  ), advanced as (
    update schedules s set next_run_at = next_run_at + interval '1 day' from due where s.id = due.id
    returning s.id, s.task_name, s.payload, due.scheduled_for
  ), written as (
    insert into runs (schedule_id, scheduled_for, task_name, payload, status, queued_at)
    select id, scheduled_for, task_name, payload, 'queued', clock_timestamp() from advanced
    on conflict (schedule_id, scheduled_for) do nothing
    returning id, task_name, scheduled_for
  ), queued as (
    insert into queue (task_name, payload, run_at)
    select task_name, json_build_object('run_id', id::text, 'scheduled_for', scheduled_for, 'attempt', 1), now()
    from written
    returning id
  )
  select count(*)::int as fired from queued`

export async function prepareMinimum(connectionString: string, n: number): Promise<void> {
  await withClient(connectionString, async (client) => {
    await client.query(tables)
    await client.query(
      `insert into schedules
       select gen_random_uuid(), 'daily-report-customer-' || n, 'echo',
         jsonb_build_object('customer', n, 'report', 'sales', 'format', 'csv', 'days', 7), 'infinity'
       from generate_series(1, $1::int) n`,
      [n],
    )
  })
}

/** Milliseconds from the first statement until the last is committed. */
export async function minimumRound(connectionString: string, n: number, variant: Variant): Promise<number> {
  return withClient(connectionString, async (client) => {
    await client.query('delete from runs')
    await client.query('delete from queue')
    await client.query('update schedules set next_run_at = now()')
    await client.query('vacuum runs, queue, schedules')
    return timeFiring(client, n, variant === 'batches' ? Math.min(batch, n) : n)
  })
}

async function timeFiring(client: pg.Client, n: number, limit: number): Promise<number> {
  const startedAt = performance.now()
  for (let fired = 0; fired < n; ) {
    const { rows } = await client.query({ name: 'fire', text: fire, values: [limit] })
    if (rows[0].fired === 0) throw new Error(`the minimum fired ${fired} of ${n}`)
    fired += rows[0].fired
  }
  return performance.now() - startedAt
}
