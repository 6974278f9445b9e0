import type { Logger } from 'pino'
import { type Config, withoutSecrets } from '../config.ts'
import { createEvents, type Events } from '../events.ts'
import { createLogger, logEvents } from '../log.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import type { Running } from '../running.ts'
import { requireMigrated } from '../store/migrate.ts'
import { requireDatabase } from './command.ts'
import { untilSignal } from './lifetime.ts'

export interface Surroundings {
  readonly connectionString: string
  readonly events: Events
  readonly log: Logger
  readonly metrics: Metrics
}

/** Runs one part of the system as a process of its own, until it is told to stop. */
export async function serve(
  name: string,
  config: Config,
  start: (surroundings: Surroundings) => Running | Promise<Running>,
): Promise<void> {
  const connectionString = requireDatabase(config)
  const signal = untilSignal()
  await requireMigrated(connectionString)
  const log = createLogger(config)
  const events = createEvents()
  logEvents(events, log)
  const metrics = createMetrics(events)
  log.info({ config: withoutSecrets(config) }, `${name} starting`)
  const running = await start({ connectionString, events, log, metrics })
  await signal
  log.info(`${name} stopping: finishing what is under way`)
  await running.stop()
}
