import { runTick } from '../tick/run-tick.ts'
import type { Command } from './command.ts'
import { stopInOrder } from './lifetime.ts'
import { startMirror } from './mirror.ts'
import { serve } from './serve.ts'

export const tick: Command = {
  summary: 'turn due schedules into jobs; any number may run, one leads',
  run: (config) =>
    serve('tick', config, async (surroundings) => {
      const mirror = await startMirror(config, surroundings)
      const tick = runTick({ ...surroundings, retentionDays: config.PGBEAT_RETENTION_DAYS })
      return { stop: () => stopInOrder([tick, ...mirror]) }
    }),
}
