import { join } from 'node:path'
import { withoutSecrets } from '../config/read-config.ts'
import type { Config } from '../config/variables.ts'
import { claimDirectory } from '../dev/claim.ts'
import { buildDashboard } from '../dev/dashboard.ts'
import { startPostgres } from '../dev/postgres.ts'
import { createEvents } from '../events.ts'
import { runApi } from '../http/run-api.ts'
import { createLogger, logEvents } from '../log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { prepareDatabase } from '../prepare-database.ts'
import type { Running } from '../running.ts'
import { openPool, overPool } from '../store/database.ts'
import { triggerRun } from '../store/runs.ts'
import { changeSchedule, createSchedule, findSchedule } from '../store/schedules.ts'
import { type Demo, demoScheduleName, startDemo } from '../tasks/listed-info/index.ts'
import { runTick } from '../tick/run-tick.ts'
import { stopInOrder, untilSignal } from './lifetime.ts'
import { startMirror } from './mirror.ts'
import { ownReport } from './own-report.ts'
import { readOwnTasks } from './own-tasks.ts'
import { say, tellFirstOutcomes, tellWhereEverythingIs } from './start-messages.ts'

/** Runs everything in one process, until it is told to stop. */
export async function runEverything(config: Config): Promise<void> {
  const signal = untilSignal()
  const parts: Running[] = []
  try {
    await startEverything(config, parts)
    await signal
    say('\nStopping: finishing what is under way …')
  } finally {
    await stopInOrder(parts)
  }
  say('Stopped.')
}

/** Puts each part that it started at the right place in the order of stopping, so that a failure stops them too. */
async function startEverything(config: Config, parts: Running[]): Promise<void> {
  const { PGBEAT_HOST: host, PGBEAT_PORT: port, PGBEAT_CONCURRENCY: concurrency, PGBEAT_RATE_LIMIT: rateLimit } = config
  const log = createLogger({
    ...config,
    PGBEAT_LOG_LEVEL: config.PGBEAT_LOG_LEVEL ?? 'warn',
    PGBEAT_LOG_FORMAT: 'pretty',
  })
  log.debug({ config: withoutSecrets(config) }, 'starting')

  let connectionString = config.DATABASE_URL
  if (connectionString === undefined) {
    const release = await claimDirectory(config.PGBEAT_DATA_DIR)
    parts.unshift({ stop: release })
    const postgres = await startPostgres({ dataDir: join(config.PGBEAT_DATA_DIR, 'postgres'), onLog: say })
    connectionString = postgres.connectionString
    parts.unshift({ stop: () => postgres.stop() })
  }
  await buildDashboard(() => say('Building the dashboard …'))
  const own = await readOwnTasks(config, { isDeveloping: process.env.NODE_ENV !== 'production', log })
  await prepareDatabase(connectionString, own.tasks)

  const events = createEvents()
  logEvents(events, log)
  const metrics = createMetrics(events)
  tellFirstOutcomes(events)
  const demo = await startDemo(process.env)
  if (demo !== null) {
    Object.assign(process.env, demo.environment)
    parts.unshift({ stop: () => demo.close() })
  }
  const drainMs = config.PGBEAT_DRAIN_SECONDS * 1_000
  parts.unshift(await own.runWorker({ connectionString, concurrency, drainMs, events, log, metrics }))
  parts.unshift(...(await startMirror(config, { connectionString, events, log })))
  parts.unshift(runTick({ connectionString, events, metrics, retentionDays: config.PGBEAT_RETENTION_DAYS }))
  const timezone = config.PGBEAT_TIMEZONE
  const diagnose = () => ownReport(connectionString)
  const api = await runApi({ connectionString, host, port, rateLimit, timezone, log, metrics, diagnose })
  parts.unshift(api)
  tellWhereEverythingIs({ apiUrl: api.url, connectionString, demo })
  await scheduleDemo(connectionString, demo)
}

/**
 * Creates the demo's schedule, which fires at once; fires it at once all the same when it is there already. Without a
 * demo its schedule is paused, for it would go on against the real service.
 */
async function scheduleDemo(connectionString: string, demo: Demo | null): Promise<void> {
  const pool = openPool({ connectionString, applicationName: 'pgbeat start', maxConnections: 1 })
  try {
    const db = overPool(pool)
    const existing = await findSchedule(db, demoScheduleName)
    if (demo === null) {
      if (existing?.enabled) await changeSchedule(db, { name: 'demo' }, demoScheduleName, paused)
    } else if (existing === undefined) {
      const { payload, ...schedule } = demo.schedule
      await createSchedule(db, { name: 'demo' }, { ...schedule, payload: JSON.stringify(payload), starts_at: 'now' })
    } else {
      await triggerRun(db, { name: 'demo' }, demoScheduleName)
    }
  } finally {
    await pool.end()
  }
}

const paused = { enabled: false, pause_note: 'the demo is over: the service is configured' }
