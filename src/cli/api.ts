import { runApi } from '../http/run-api.ts'
import type { Command } from './command.ts'
import { ownReport } from './own-report.ts'
import { serve } from './serve.ts'

export const api: Command = {
  summary: 'serve the HTTP API',
  run: (config) =>
    serve('api', config, async ({ connectionString, log, metrics }) => {
      const { PGBEAT_HOST: host, PGBEAT_PORT: port, PGBEAT_RATE_LIMIT: rateLimit, PGBEAT_TIMEZONE: timezone } = config
      const diagnose = () => ownReport(connectionString)
      const running = await runApi({ connectionString, host, port, rateLimit, timezone, log, metrics, diagnose })
      log.info({ url: running.url }, 'api listening')
      return running
    }),
}
