import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { aliasesIn, withoutSecrets } from '../config/read-config.ts'
import type { Config } from '../config/variables.ts'
import { reconnectMs } from '../core/backoff.ts'
import { createEvents, type Events } from '../events.ts'
import { createLogger, logEvents } from '../log.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import type { Running } from '../running.ts'
import { requireMigrated } from '../store/migrate.ts'
import { isRefused, isUnavailable } from '../store/postgres-errors.ts'
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
  const log = createLogger(config)
  const events = createEvents()
  logEvents(events, log)
  const metrics = createMetrics(events)
  const begin = async () => {
    await requireMigrated(connectionString)
    log.info({ config: withoutSecrets(config) }, `${name} starting`)
    const aliases = aliasesIn(process.env)
    if (Object.keys(aliases).length > 0) log.warn({ aliases }, 'variables with names of Celery are understood as these')
    return start({ connectionString, events, log, metrics })
  }
  const running = await insist(begin, signal, (error, retryInMs) =>
    events.emit('component:failed', { component: name, error, retryInMs }),
  )
  if (running === undefined) return
  await signal
  log.info(`${name} stopping: finishing what is under way`)
  await running.stop()
}

/**
 * Begins as often as it takes: that Postgres is away, or starting, just when we start is no reason to need somebody.
 * Answers undefined when told to stop before it has begun.
 */
async function insist<Begun>(
  begin: () => Promise<Begun>,
  signal: Promise<void>,
  onFailure: (error: unknown, retryInMs: number) => void,
): Promise<Begun | undefined> {
  let isStopping = false
  void signal.then(() => {
    isStopping = true
  })
  for (let failures = 1; !isStopping; failures += 1) {
    try {
      return await begin()
    } catch (error) {
      if (!isUnavailable(error) || isRefused(error)) throw error
      const retryInMs = reconnectMs(failures, Math.random())
      onFailure(error, retryInMs)
      await Promise.race([delay(retryInMs), signal])
    }
  }
  return undefined
}
