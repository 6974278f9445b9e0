import { runTick } from '../tick/run-tick.ts'
import type { Command } from './command.ts'
import { serve } from './serve.ts'

export const tick: Command = {
  summary: 'turn due schedules into jobs; any number may run, one leads',
  run: (config) =>
    serve('tick', config, (surroundings) => runTick({ ...surroundings, retentionDays: config.PGBEAT_RETENTION_DAYS })),
}
