import type { Command } from './command.ts'

export const start: Command = {
  summary: 'everything in one process, with a database of its own unless DATABASE_URL is set',
  run: async (config) => (await import('./start-everything.ts')).runEverything(config),
}
