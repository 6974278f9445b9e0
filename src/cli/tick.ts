import { withoutSecrets } from '../config.ts'
import { createEvents } from '../events.ts'
import { createLogger, logEvents } from '../log.ts'
import { requireMigrated } from '../store/migrate.ts'
import { runTick } from '../tick/run-tick.ts'
import { type Command, requireDatabase } from './command.ts'
import { untilSignal } from './lifetime.ts'

export const tick: Command = {
  summary: 'turn due schedules into jobs; any number may run, one leads',
  async run(config) {
    const connectionString = requireDatabase(config)
    const signal = untilSignal()
    await requireMigrated(connectionString)
    const log = createLogger(config)
    const events = createEvents()
    logEvents(events, log)
    log.info({ config: withoutSecrets(config) }, 'tick starting')
    const running = runTick({ connectionString, events })
    await signal
    log.info('tick stopping')
    await running.stop()
  },
}
