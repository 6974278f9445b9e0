// What somebody writes who has installed pgbeat: tests/package/package.test.ts compiles it against the packed types, as
// strictly as it goes, and runs it.

import { once } from 'node:events'
import pg from 'pg'
import { createScheduler, defineTask, schedule } from 'pgbeat'
import { Client } from 'pgbeat/client'
import { manualScheduler, settableClock } from 'pgbeat/testing'
import { z } from 'zod'

const { DATABASE_URL: connectionString = '' } = process.env

const invoice = defineTask({
  name: 'invoice',
  description: 'Writes an invoice to a customer',
  payload: z.object({ customer: z.string(), currency: z.string().default('JPY') }),
  async run({ payload, db, run }) {
    const { rows } = await db.query<{ count: number }>('select count(*)::int as count from customers')
    return { ...payload, customers: rows[0]?.count, attempt: run.attempt }
  },
})

const pool = new pg.Pool({ connectionString })
const scheduler = createScheduler({ pool, tasks: [invoice] })
await scheduler.start()
const finished = once(scheduler.events, 'run:finished')

const client = await pool.connect()
await client.query('begin')
await client.query('create table customers (name text)')
await client.query(`insert into customers values ('ada')`)
await schedule(client, { name: 'invoice ada', task: invoice, payload: { customer: 'ada' }, run_at: new Date() })
await client.query('commit')
client.release()

const [{ scheduleName, status, result }] = await finished
process.stdout.write(`${JSON.stringify({ scheduleName, status, result })}\n`)
await scheduler.stop()

// A year in a moment.
const clock = await settableClock({ connectionString, at: '2026-01-01T00:00:00Z' })
const simulation = await manualScheduler({ connectionString, clock, tasks: [invoice] })
await schedule(pool, { name: 'yearly', task: invoice, payload: { customer: 'ada' }, cron_expression: '0 9 1 1 *' })
await simulation.runUntil('2027-01-02T00:00:00Z')
const { rows } = await pool.query(
  `select scheduled_for, status from pgbeat.runs where schedule_name = 'yearly' order by 1`,
)
process.stdout.write(`${JSON.stringify(rows)}\n`)
await simulation.close()
await clock.restore()
await pool.end()

/** Only compiled: the answer's type comes from the server's schema. */
export async function nextRunOf(url: string, name: string): Promise<string | null> {
  const { data } = await new Client({ url }).call('GET /schedules/{id}', { params: { id: name } })
  return data.next_run_at
}
