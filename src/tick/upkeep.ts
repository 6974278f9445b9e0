import type { Events } from '../events.ts'
import { forgetOldKeys } from '../store/idempotency-keys.ts'
import { beatAsLeader } from '../store/leader.ts'
import { beat, deadAfterMs, forgetSilentNodes, type Node } from '../store/nodes.ts'
import { createPartitionsAhead } from '../store/partitions.ts'
import { recoverDeadWorkers } from '../store/recovery.ts'
import type { Db } from '../store/tables.ts'

/** How often the leader looks after what is not firing; it wakes at least this often. */
export const upkeepEveryMs = 1_000
const forgetNodeAfterMs = 60_000
const housekeepingEveryMs = 60_000
/** Requests may be repeated with their keys for a day. */
const keepKeysForMs = 24 * 3_600_000
/** Longer than upkeep ever takes while all is well. */
const heldUpMs = 3_000

export interface UpkeepOptions {
  readonly db: Db
  readonly node: Node
  readonly events: Events
}

/** What a leader does besides firing. Each call does what has come due since the last. */
export function createUpkeep({ db, node, events }: UpkeepOptions): () => Promise<void> {
  let graceFrom = performance.now()
  let lastAt = performance.now() - upkeepEveryMs
  let housekeptAt = Number.NEGATIVE_INFINITY
  let hasOldKeys = true

  return async () => {
    const now = performance.now()
    if (now - lastAt < upkeepEveryMs) return
    const heldUpBefore = now - lastAt > heldUpMs
    lastAt = now
    await beat(db, node)
    await beatAsLeader(db, node.id)
    // After an outage of Postgres, or a stall that held us up as well, every worker looks dead until it has had the
    // time to come back.
    if (heldUpBefore || performance.now() - now > heldUpMs) graceFrom = performance.now()
    if (now - housekeptAt >= housekeepingEveryMs) {
      housekeptAt = now
      hasOldKeys = true
      await createPartitionsAhead(db)
    }
    if (hasOldKeys) hasOldKeys = await forgetOldKeys(db, keepKeysForMs)
    await forgetSilentNodes(db, forgetNodeAfterMs)
    if (now - graceFrom >= deadAfterMs) await recover()
  }

  async function recover(): Promise<void> {
    const { workers, lostRuns } = await recoverDeadWorkers(db, deadAfterMs)
    if (workers.length + lostRuns.length > 0) events.emit('workers:recovered', { workers, lostRuns })
  }
}
