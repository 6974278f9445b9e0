// Schedules that are all due at one instant, and a tick.

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Process } from '../../tests/support/process.ts'
import { type Arrivals, listenForJobs } from '../support/arrivals.ts'
import { progress } from '../support/report.ts'
import { withClient } from '../support/server.ts'

const insertedAtOnce = 10_000

/** As long as a round may take at all. */
const patienceMs = 60_000

export interface Ours {
  /** Milliseconds from the instant at which all are due until the last job is queued. */
  round(): Promise<number>
  stop(): Promise<void>
}

/** A tick of its own, up and leading, over `n` schedules in a database that is ready for them. */
export async function startOurs(connectionString: string, n: number): Promise<Ours> {
  await withClient(connectionString, (client) => insertSchedules(client, n))
  const tick = new Process({ program: 'tick', connectionString, env: { PGBEAT_LOG_LEVEL: 'info' } })
  await tick.logged('this tick leads')
  await withClient(connectionString, untilPlanned)
  const arrivals = await listenForJobs(connectionString)
  return {
    round: () => withClient(connectionString, (client) => round(client, arrivals, n)),
    async stop() {
      await tick.stop()
      await arrivals.close()
    },
  }
}

async function insertSchedules(client: pg.Client, n: number): Promise<void> {
  for (let from = 1; from <= n; from += insertedAtOnce) {
    await client.query(
      `insert into pgbeat.schedules (name, task_name, payload, cron_expression, timezone)
       select 'daily-report-customer-' || n, 'echo',
         jsonb_build_object('customer', n, 'report', 'sales', 'format', 'csv', 'days', 7), '0 0 1 1 *',
         (array['UTC', 'Asia/Tokyo', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])[1 + n % 5]
       from generate_series($1::int, $2::int) n`,
      [from, Math.min(n, from + insertedAtOnce - 1)],
    )
    if (n > insertedAtOnce) progress(`  ${Math.min(n, from + insertedAtOnce - 1)} of ${n} schedules`)
  }
}

async function untilPlanned(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      'select exists (select from pgbeat.schedules where next_run_at is null) as left',
    )
    if (!rows[0].left) return
    await delay(100)
  }
}

async function round(client: pg.Client, arrivals: Arrivals, n: number): Promise<number> {
  await client.query('delete from pgbeat.runs')
  await client.query('delete from graphile_worker._private_jobs')
  const dueAt = await makeDue(client, n)
  const allQueued = arrivals.until(n)
  await client.query('vacuum pgbeat.runs, pgbeat.schedules, graphile_worker._private_jobs')
  if (Date.now() > dueAt - 200) throw new Error('the schedules were due before all was prepared')
  const queuedAt = await Promise.race([allQueued, delay(dueAt - Date.now() + patienceMs, null, { ref: false })])
  if (queuedAt === null) throw new Error(`only ${arrivals.count} of ${n} jobs came`)
  await verify(client, n, dueAt)
  return queuedAt - dueAt
}

/**
 * Writes timetables that name one instant soon, in each schedule's own time zone, and that instant, as planning would
 * have left them: 20 expressions, none of which names another instant within half an hour. Triggers are off, for they
 * would have everything planned anew, and audited.
 */
async function makeDue(client: pg.Client, n: number): Promise<number> {
  const leadSeconds = 2 + Math.ceil(n / 6_000)
  const { rows } = await client.query(
    `select (extract(epoch from date_trunc('second', clock_timestamp())) * 1000)::float8 + $1::int * 1000 as due`,
    [leadSeconds],
  )
  const dueAt: number = rows[0].due
  await client.query('set session_replication_role = replica')
  await client.query(
    `update pgbeat.schedules s set next_run_at = due, cron_expression = case hashtext(id::text) & 3
         when 0 then to_char(due at time zone timezone, 'FMSS FMMI FMHH24 * * *')
         when 1 then to_char(due at time zone timezone, 'FMSS FMMI FMHH24 * * 0-6')
         when 2 then to_char(due at time zone timezone, 'FMSS FMMI FMHH24 */1 * *')
         else to_char(due at time zone timezone, 'FMSS FMMI * * * *') end
     from to_timestamp($1::float8 / 1000) due`,
    [dueAt],
  )
  await client.query('reset session_replication_role')
  await client.query('notify pgbeat_schedules')
  return dueAt
}

/** Every schedule fired for this instant, once, and none for another. */
async function verify(client: pg.Client, n: number, dueAt: number): Promise<void> {
  const { rows } = await client.query(
    `select (select count(*) from pgbeat.runs) as runs,
       (select count(*) from pgbeat.runs where scheduled_for = due and status = 'queued') as queued,
       (select count(*) from graphile_worker.jobs) as jobs,
       (select count(*) from pgbeat.schedules where last_run_at = due and next_run_at > due) as advanced
     from to_timestamp($1::float8 / 1000) due`,
    [dueAt],
  )
  const found = Object.entries(rows[0])
  if (found.some(([, count]) => Number(count) !== n)) throw new Error(`not ${n} of each: ${JSON.stringify(rows[0])}`)
}
