import { Worker } from 'node:worker_threads'
import type { Node } from '../store/nodes.ts'
import type { Beat, HeartbeatData } from './heartbeat-thread.ts'

interface HeartbeatOptions {
  /** Whether it drains as it starts. */
  readonly isDraining?: boolean
  /** Told with every beat what it is to do. */
  readonly onBeat?: (beat: Beat) => void
}

/**
 * Shows every second that a node is alive, from a thread with a connection of its own: a task that keeps the main
 * thread busy for a minute is slow, not dead.
 */
export class Heartbeat {
  readonly #thread: Worker
  /** Resolves when the thread is over, with what ended it if it was an error. */
  readonly ended: Promise<unknown>

  private constructor(thread: Worker) {
    this.#thread = thread
    this.ended = new Promise((resolve) => {
      thread.once('error', resolve)
      thread.once('exit', () => resolve(new Error('the heartbeat ended')))
    })
  }

  /**
   * Resolves when the node's row is there.
   * @param signal gives up waiting for that
   */
  static async start(
    connectionString: string,
    node: Node,
    signal: AbortSignal,
    { isDraining = false, onBeat = () => {} }: HeartbeatOptions = {},
  ): Promise<Heartbeat> {
    signal.throwIfAborted()
    const workerData: HeartbeatData = { connectionString, node, isDraining }
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const thread = new Worker(new URL(`./heartbeat-thread.${extension}`, import.meta.url), {
      workerData,
      // Flags of the program are none of its: with --input-type, which goes with --eval, it would not begin.
      execArgv: [],
    })
    thread.on('message', onBeat)
    const heartbeat = new Heartbeat(thread)
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    try {
      const failed = heartbeat.ended.then((error) => Promise.reject(error))
      await Promise.race([new Promise((resolve) => thread.once('message', resolve)), failed, aborted])
      return heartbeat
    } catch (error) {
      await thread.terminate()
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Resolves when the node's row is gone, or can't be taken away because Postgres is not there. */
  async stop(): Promise<void> {
    this.#thread.postMessage('stop')
    await this.ended
  }

  /** Falls silent and leaves the row behind. */
  async abandon(): Promise<void> {
    await this.#thread.terminate()
  }
}
