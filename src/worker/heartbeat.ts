import { Worker } from 'node:worker_threads'
import type { Node } from '../store/nodes.ts'
import type { HeartbeatData } from './heartbeat-thread.ts'

/**
 * Shows every second that a node is alive, from a thread with a connection of its own: a task that keeps the main
 * thread busy for a minute is slow, not dead.
 */
export class Heartbeat {
  readonly #thread: Worker

  private constructor(thread: Worker) {
    this.#thread = thread
  }

  /** Resolves when the node's row is there. */
  static async start(connectionString: string, node: Node): Promise<Heartbeat> {
    const workerData: HeartbeatData = { connectionString, node }
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const thread = new Worker(new URL(`./heartbeat-thread.${extension}`, import.meta.url), { workerData })
    await new Promise((resolve, reject) => {
      thread.once('message', resolve)
      thread.once('error', reject)
    })
    return new Heartbeat(thread)
  }

  /** Resolves when the node's row is gone, or can't be taken away because Postgres is not there. */
  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.#thread.once('exit', resolve))
    this.#thread.postMessage('stop')
    await exited
  }
  /** Falls silent and leaves the row behind. */
  async abandon(): Promise<void> {
    await this.#thread.terminate()
  }
}
