import { runApi } from '../http/run-api.ts'
import type { Command } from './command.ts'
import { serve } from './serve.ts'

export const api: Command = {
  summary: 'serve the HTTP API',
  run: (config) =>
    serve('api', config, async ({ connectionString, log }) => {
      const running = await runApi({ connectionString, host: config.PGBEAT_HOST, port: config.PGBEAT_PORT, log })
      log.info({ url: running.url }, 'api listening')
      return running
    }),
}
