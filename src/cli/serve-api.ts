import type { Config } from '../config/variables.ts'
import { runApi } from '../http/run-api.ts'
import { ownReport } from './own-report.ts'
import { serve } from './serve.ts'

/** Serves the HTTP API until it is told to stop. */
export function serveApi(config: Config): Promise<void> {
  return serve('api', config, async ({ connectionString, log, metrics }) => {
    const { PGBEAT_HOST: host, PGBEAT_PORT: port, PGBEAT_RATE_LIMIT: rateLimit, PGBEAT_TIMEZONE: timezone } = config
    const diagnose = () => ownReport(connectionString)
    const running = await runApi({ connectionString, host, port, rateLimit, timezone, log, metrics, diagnose })
    log.info({ url: running.url }, 'api listening')
    return running
  })
}
