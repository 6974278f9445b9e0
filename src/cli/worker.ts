import type { Command } from './command.ts'

export const worker: Command = {
  summary: 'execute runs; any number may run',
  run: async (config) => (await import('./serve-worker.ts')).serveWorker(config),
}
