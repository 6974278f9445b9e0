import { withoutSecrets } from '../config.ts'
import { createEvents } from '../events.ts'
import { createLogger, logEvents } from '../log.ts'
import { requireMigrated } from '../store/migrate.ts'
import { builtInTasks } from '../tasks/index.ts'
import { runWorker } from '../worker/run-worker.ts'
import { type Command, requireDatabase } from './command.ts'
import { untilSignal } from './lifetime.ts'

export const worker: Command = {
  summary: 'execute runs; any number may run',
  async run(config) {
    const connectionString = requireDatabase(config)
    const signal = untilSignal()
    await requireMigrated(connectionString)
    const log = createLogger(config)
    const events = createEvents()
    logEvents(events, log)
    log.info({ config: withoutSecrets(config) }, 'worker starting')
    const running = await runWorker({
      connectionString,
      tasks: builtInTasks,
      concurrency: config.PGBEAT_CONCURRENCY,
      events,
      log,
    })
    await signal
    log.info('worker stopping: finishing what is under way')
    await running.stop()
  },
}
