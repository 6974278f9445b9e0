import { withoutSecrets } from '../config.ts'
import { runApi } from '../http/run-api.ts'
import { createLogger } from '../log.ts'
import { requireMigrated } from '../store/migrate.ts'
import { type Command, requireDatabase } from './command.ts'
import { untilSignal } from './lifetime.ts'

export const api: Command = {
  summary: 'serve the HTTP API',
  async run(config) {
    const connectionString = requireDatabase(config)
    const signal = untilSignal()
    await requireMigrated(connectionString)
    const log = createLogger(config)
    log.info({ config: withoutSecrets(config) }, 'api starting')
    const running = await runApi({ connectionString, host: config.PGBEAT_HOST, port: config.PGBEAT_PORT, log })
    log.info({ url: running.url }, 'api listening')
    await signal
    log.info('api stopping')
    await running.stop()
  },
}
