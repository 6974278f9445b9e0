import type { Command } from './command.ts'

export const api: Command = {
  summary: 'serve the HTTP API',
  run: async (config) => (await import('./serve-api.ts')).serveApi(config),
}
