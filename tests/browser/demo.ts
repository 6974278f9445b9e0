import { pino } from 'pino'
import { z } from 'zod'
import { ownReport } from '../../src/cli/own-report.ts'
import { createEvents } from '../../src/events.ts'
import { runApi } from '../../src/http/run-api.ts'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { openPool } from '../../src/store/database.ts'
import { defineTask } from '../../src/task.ts'
import { echo } from '../../src/tasks/echo.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { runWorker } from '../../src/worker/run-worker.ts'
import { nextEvent } from '../support/events.ts'
import { startTestServer } from '../support/server.ts'

const report = defineTask({
  name: 'send_report',
  description: 'Renders a report and mails it',
  payload: z.object({
    kind: z.enum(['daily', 'weekly']).default('daily').describe('Which report'),
    to: z.string().default('team@example.com').describe('Who gets it'),
  }),
  async run({ payload, log, progress }) {
    log.info('rendering', { kind: payload.kind })
    await progress(1, 3, 'rendered')
    if (payload.kind === 'weekly') throw new Error('the mail server does not answer: ETIMEDOUT mail.example.com:25')
    log.info('mailed', { to: payload.to })
    return { pages: 12, to: payload.to }
  },
})

export interface View {
  readonly path: string
  /** What is there once it has loaded. */
  readonly shows: string
}

export interface Demo {
  readonly url: string
  /** By their names. */
  readonly views: Readonly<Record<string, View>>
  stop(): Promise<void>
}

/** A system that has something to show: schedules of all kinds, runs that went well and others. */
export async function startDemo(): Promise<Demo> {
  const server = await startTestServer()
  const { connectionString } = server
  await prepareDatabase(connectionString)
  const [events, log] = [createEvents(), pino({ level: 'silent' })]
  const pool = openPool({ connectionString, applicationName: 'demo', maxConnections: 2 })
  const worker = await runWorker({
    connectionString,
    tasks: [echo, report],
    concurrency: 10,
    drainMs: 1_000,
    events,
    log,
  })
  const tick = runTick({ connectionString, events })
  await nextEvent(events, 'tick:passed')
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone, category, tags, description, payload, max_attempts)
    values
      ('daily-report', 'send_report', '30 9 * * 1-5', 'Asia/Tokyo', 'reports', '{mail,finance}', 'The numbers of the day before', '{"kind": "daily"}', 3),
      ('weekly-report', 'send_report', '0 8 * * 1', 'Europe/Berlin', 'reports', '{mail}', 'The numbers of the week', '{"kind": "weekly"}', 1),
      ('prices', 'echo', '*/5 9-15 * * 1-5', 'Asia/Tokyo', 'stocks', '{stocks}', 'Prices while the exchange is open', '{"market": "prime"}', 3),
      ('night-audit', 'echo', '30 2 * * *', 'America/New_York', 'finance', '{finance}', 'Books of the day', '{}', 3),
      ('cleanup', 'echo', '0 */6 * * *', 'UTC', 'upkeep', '{}', null, '{}', 3),
      ('newsletter', 'send_report', '0 10 1 * *', 'Europe/London', 'reports', '{mail}', 'On the first of each month', '{}', 3)`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('heartbeat', 'echo', '1 second')`)
  await pool.query(`select pgbeat.pause('newsletter', 'Until the new template is there')`)
  await pool.query(
    `update pgbeat.schedules set description = 'The numbers of the week, for the board' where name = 'weekly-report'`,
  )
  const failed = nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 'weekly-report')
  await pool.query(`select pgbeat.trigger('weekly-report')`)
  await failed
  for (let run = 0; run < 12; run += 1) {
    const finished = nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 'daily-report')
    await pool.query(`select pgbeat.trigger('daily-report')`)
    await finished
  }
  const backfilled = nextEvent(events, 'backfill:finished')
  await pool.query(
    `select pgbeat.backfill('night-audit', now() - interval '9 days', now() - interval '1 day', max_active => 4)`,
  )
  await backfilled
  const { rows } = await pool.query<{ name: string; id: string }>('select name, id from pgbeat.schedules')
  const scheduleId = rows.find(({ name }) => name === 'daily-report')?.id
  const { rows: runs } = await pool.query<{ id: string }>(`select id from pgbeat.runs where status = 'failed' limit 1`)
  const api = await runApi({
    connectionString,
    host: '127.0.0.1',
    port: 0,
    rateLimit: 0,
    log,
    diagnose: () => ownReport(connectionString),
  })
  return {
    url: api.url,
    views: {
      overview: { path: '/', shows: '.verdict li, .verdict-good' },
      schedules: { path: '/schedules', shows: '.strip' },
      schedule: { path: `/schedules/${scheduleId}`, shows: '.strip' },
      editor: { path: `/schedules/${scheduleId}/edit`, shows: '.explanation li' },
      runs: { path: '/runs', shows: '.virtual-row' },
      run: { path: `/runs/${runs[0]?.id}`, shows: '.logs li' },
      backfills: { path: '/backfills', shows: 'progress' },
      tasks: { path: '/tasks', shows: 'main a' },
      nodes: { path: '/nodes', shows: 'main .badge' },
      queue: { path: '/queue', shows: 'main td' },
      sync: { path: '/sync', shows: 'main .badge' },
      audit: { path: '/audit', shows: 'main li' },
      settings: { path: '/settings', shows: 'main h2' },
    },
    async stop() {
      await api.stop()
      await tick.stop()
      await worker.stop()
      await pool.end()
      await server.stop()
    },
  }
}
