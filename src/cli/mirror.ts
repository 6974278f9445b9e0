import type { Config } from '../config/variables.ts'
import type { Running } from '../running.ts'
import type { Surroundings } from './serve.ts'

/** Starts the mirror if the configuration wants one. A tick that has none does not keep a Redis client in memory. */
export async function startMirror(
  config: Config,
  { connectionString, events, log }: Pick<Surroundings, 'connectionString' | 'events' | 'log'>,
): Promise<Running[]> {
  if (!config.PGBEAT_REDIS_SYNC_ENABLED || config.REDIS_URL === undefined) {
    log.info('mirror off: PGBEAT_REDIS_SYNC_ENABLED is not set')
    return []
  }
  const { runMirror } = await import('../mirror/run-mirror.ts')
  const channel = config.PGBEAT_REDIS_CHANNEL
  log.info({ channel }, 'mirror on: it begins when this tick leads')
  const mirror = runMirror({
    connectionString,
    events,
    redisUrl: config.REDIS_URL,
    channel,
    streamLength: config.PGBEAT_REDIS_STREAM_LENGTH,
    minIntervalMs: config.PGBEAT_MIN_SYNC_INTERVAL * 1_000,
  })
  return [mirror]
}
