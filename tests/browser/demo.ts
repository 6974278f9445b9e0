import { sql } from 'kysely'
import { pino } from 'pino'
import { ownReport } from '../../src/cli/own-report.ts'
import { createEvents } from '../../src/events.ts'
import { runApi } from '../../src/http/run-api.ts'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { asActor } from '../../src/store/as-actor.ts'
import { openPool, overPool } from '../../src/store/database.ts'
import { builtInTasks } from '../../src/tasks/index.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { runWorker } from '../../src/worker/run-worker.ts'
import { nextEvent } from '../support/events.ts'
import { startTestServer } from '../support/server.ts'
import { addPast } from './demo/past.ts'
import { addSchedules } from './demo/schedules.ts'
import { importOrders, report } from './demo/tasks.ts'

export interface View {
  readonly path: string
  /** What is there once it has loaded. */
  readonly shows: string
  /** Whether all of the page is in the picture, not just what a window shows. */
  readonly isWhole?: boolean
  /** What is brought to the top. */
  readonly scrollsTo?: string
}

export interface Demo {
  readonly url: string
  /** By their names. */
  readonly views: Readonly<Record<string, View>>
  stop(): Promise<void>
}

/** A system that has something to show: schedules of all kinds with a past of days, runs that went well and others. */
export async function startDemo(): Promise<Demo> {
  const server = await startTestServer()
  const { connectionString } = server
  await prepareDatabase(connectionString)
  const [events, log] = [createEvents(), pino({ level: 'silent' })]
  const pool = openPool({ connectionString, applicationName: 'demo', maxConnections: 2 })
  const worker = await runWorker({
    connectionString,
    tasks: [...builtInTasks, report, importOrders],
    concurrency: 10,
    drainMs: 1_000,
    events,
    log,
  })
  await addSchedules(pool)
  await addPast(pool)
  const leads = nextEvent(events, 'tick:passed')
  const tick = runTick({ connectionString, events })
  await leads
  const standby = runTick({ connectionString, events })
  await asActor(overPool(pool), { name: 'keiko' }, (trx) =>
    sql`select pgbeat.pause('newsletter', 'Until the new template is there')`.execute(trx),
  )
  await asActor(overPool(pool), { name: 'jonas', note: 'A shop that is down held up the others' }, (trx) =>
    sql`update pgbeat.schedules set timeout = '90 seconds', description = 'What the shops have sold, minute by minute'
      where name = 'import-orders'`.execute(trx),
  )
  const started = nextEvent(events, 'run:started', ({ scheduleName }) => scheduleName === 'import-orders')
  await pool.query(`select pgbeat.trigger('import-orders')`)
  await started
  const failed = nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 'weekly-report')
  await pool.query(`select pgbeat.trigger('weekly-report')`)
  await failed
  const backfilled = nextEvent(events, 'backfill:finished')
  await pool.query(
    `select pgbeat.backfill('night-audit', now() - interval '9 days', now() - interval '1 day', max_active => 4)`,
  )
  await backfilled
  const { rows } = await pool.query<{ name: string; id: string }>('select name, id from pgbeat.schedules')
  const idOf = Object.fromEntries(rows.map(({ name, id }) => [name, id]))
  const { rows: runs } = await pool.query<{ id: string }>(
    `select id from pgbeat.runs where status = 'failed' and origin = 'manual'`,
  )
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
      overview: { path: '/', shows: 'main:has(.chart canvas) [class*=verdict-]', isWhole: true },
      schedules: { path: '/schedules', shows: '.strip' },
      schedule: { path: `/schedules/${idOf['import-orders']}`, shows: '.strip' },
      history: { path: `/schedules/${idOf['import-orders']}`, shows: '.chart canvas', scrollsTo: '.strip' },
      editor: { path: `/schedules/${idOf['daily-report']}/edit`, shows: '.explanation li' },
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
      await standby.stop()
      await tick.stop()
      await worker.stop()
      await pool.end()
      await server.stop()
    },
  }
}
