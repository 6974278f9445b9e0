import type { Logger } from 'pino'
import type { Running } from '../running.ts'
import { beat, leave, type Node } from '../store/nodes.ts'
import type { Db } from '../store/tables.ts'

const beatEveryMs = 1_000

/** Shows every second that an API is alive; stopped, it takes the node's row away. Resolves after the first try. */
export async function keepBeating(db: Db, node: Node, log: Logger): Promise<Running> {
  let isStopping = false
  let timer: NodeJS.Timeout | undefined
  const beatAgain = async () => {
    await beat(db, node).catch((error) => log.warn({ err: error }, 'no heartbeat'))
    if (!isStopping) timer = setTimeout(beatAgain, beatEveryMs)
  }
  await beatAgain()
  return {
    async stop() {
      isStopping = true
      clearTimeout(timer)
      await leave(db, node.id).catch(() => {})
    },
  }
}
