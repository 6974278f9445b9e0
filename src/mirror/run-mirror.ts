import type { Events } from '../events.ts'
import type { Running } from '../running.ts'
import { mirrorUntil } from './mirror-until.ts'

export interface RunMirrorOptions {
  readonly connectionString: string
  /** The process's own: it mirrors while its tick leads. */
  readonly events: Events
  readonly redisUrl: string
  readonly channel: string
  /** How many entries the stream keeps at least. */
  readonly streamLength: number
  /** Between two passes of the tick that messages of others cause. */
  readonly minIntervalMs: number
}

/** Copies schedule events to Redis while this process leads. Nothing else waits for it. */
export function runMirror(options: RunMirrorOptions): Running {
  const { events } = options
  let leading = new AbortController()
  let ended = Promise.resolve()
  const begin = ({ nodeId }: { nodeId: string }) => {
    leading = new AbortController()
    const { signal } = leading
    ended = ended.then(() => mirrorUntil(signal, nodeId, options))
  }
  const end = () => leading.abort()
  events.on('leader:elected', begin)
  events.on('leader:left', end)
  return {
    async stop() {
      events.off('leader:elected', begin)
      events.off('leader:left', end)
      end()
      await ended
    },
  }
}
