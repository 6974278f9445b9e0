import type { Command } from './command.ts'

export const tick: Command = {
  summary: 'turn due schedules into jobs; any number may run, one leads',
  run: async (config) => (await import('./serve-tick.ts')).serveTick(config),
}
