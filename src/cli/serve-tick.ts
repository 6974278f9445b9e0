import type { Config } from '../config/variables.ts'
import { runTick } from '../tick/run-tick.ts'
import { stopInOrder } from './lifetime.ts'
import { startMirror } from './mirror.ts'
import { serve } from './serve.ts'

/** Runs a tick, and the mirror if the configuration wants one, until it is told to stop. */
export function serveTick(config: Config): Promise<void> {
  return serve('tick', config, async (surroundings) => {
    const mirror = await startMirror(config, surroundings)
    const tick = runTick({ ...surroundings, retentionDays: config.PGBEAT_RETENTION_DAYS })
    return { stop: () => stopInOrder([tick, ...mirror]) }
  })
}
