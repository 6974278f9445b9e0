import type { Events } from '../events.ts'
import { forgetOldKeys } from '../store/idempotency-keys.ts'
import { beatAsLeader } from '../store/leader.ts'
import { beat, deadAfterMs, forgetSilentNodes, type Node } from '../store/nodes.ts'
import { createPartitionsAhead } from '../store/partitions.ts'
import { recoverDeadWorkers } from '../store/recovery.ts'
import type { Db } from '../store/tables.ts'
import type { Contact } from './contact.ts'

/** How often the leader looks after what is not firing; it wakes at least this often. */
export const upkeepEveryMs = 1_000
const forgetNodeAfterMs = 60_000
const housekeepingEveryMs = 60_000
/** Requests may be repeated with their keys for a day. */
const keepKeysForMs = 24 * 3_600_000
export interface UpkeepOptions {
  readonly db: Db
  readonly node: Node
  readonly events: Events
  /** Of the tick with Postgres, since before it was elected. */
  readonly contact: Contact
  /** How long runs are kept; 0 or left out, for ever. */
  readonly retentionDays?: number
}

/** What a leader does besides firing. Each call does what has come due since the last. */
export function createUpkeep({ db, node, events, contact, retentionDays }: UpkeepOptions): () => Promise<void> {
  let lastAt = performance.now() - upkeepEveryMs
  let housekeptAt = Number.NEGATIVE_INFINITY
  let hasOldKeys = true

  return async () => {
    const now = performance.now()
    if (now - lastAt < upkeepEveryMs) return
    lastAt = now
    await beat(db, node)
    await beatAsLeader(db, node.id)
    contact.made()
    if (now - housekeptAt >= housekeepingEveryMs) {
      housekeptAt = now
      hasOldKeys = true
      await createPartitionsAhead(db, retentionDays)
    }
    if (hasOldKeys) hasOldKeys = await forgetOldKeys(db, keepKeysForMs)
    await forgetSilentNodes(db, forgetNodeAfterMs)
    if (contact.forMs >= deadAfterMs) await recover()
  }

  async function recover(): Promise<void> {
    const { workers, lostRuns } = await recoverDeadWorkers(db, deadAfterMs)
    if (workers.length + lostRuns.length > 0) events.emit('workers:recovered', { workers, lostRuns })
  }
}
