// Leadership is a session advisory lock, held by the connection that fires. Whoever loses the session loses the power
// to fire with it: there is no moment in which a tick believes that it leads and could still write.
//
// A standby asks for the lock twice a second, and at once when a leader says that it resigned. It never waits inside
// Postgres for it: a blocked statement would hold back vacuum. It ends the session of a leader that holds the lock and
// gives no sign of life.
//
// The lock only keeps ticks from doing the same work twice. That nothing fires twice is held by the row locks of
// `lockDue` and the unique key of `runs`.

import type pg from 'pg'
import type { Events } from '../events.ts'
import { limitLockWaits, listen, openSession, overSession } from '../store/database.ts'
import { beginTerm, endSilentLeader, resign, tryToLead } from '../store/leader.ts'
import { beat, leave, type Node } from '../store/nodes.ts'
import type { Db } from '../store/tables.ts'
import { Wake } from '../wake.ts'

const askForLockMs = 500
/** How long a session that was ended takes to let the lock go. */
const lockFreedMs = 50
/** A leader beats every second. One that is silent for this long is frozen or cut off, and holds the lock for nothing. */
const silentLeaderMs = 10_000

/**
 * The statements of a tick pass over what others have locked. Should one have to wait all the same, the others must not
 * wait with it.
 */
const longestLockWaitMs = 500

export interface Leadership {
  readonly db: Db
  readonly term: number
  /** Woken by changes to schedules and when the session breaks. */
  readonly wake: Wake
}

export interface ElectionOptions {
  readonly connectionString: string
  readonly node: Node
  /** Aborted when this tick is to stop. */
  readonly signal: AbortSignal
  readonly events: Events
  /** Called when this tick has been elected; it leads until this returns. */
  readonly whileLeading: (leadership: Leadership) => Promise<void>
}

/**
 * Stands by on one session, and leads on it when nobody else does. Returns when told to stop.
 * @throws when the session breaks: the lock is gone then, and the caller starts over
 */
export async function standForElection(options: ElectionOptions): Promise<void> {
  const { connectionString, node, signal, events, whileLeading } = options
  const client = await openSession(connectionString, `pgbeat tick ${node.id}`)
  const wake = new Wake()
  const broken = watch(client, wake)
  const stop = () => wake.now()
  signal.addEventListener('abort', stop)
  const db = overSession(client)
  try {
    await listen(client, ['pgbeat_schedules', 'pgbeat_leader'])
    await limitLockWaits(client, longestLockWaitMs)
    while (!signal.aborted) {
      broken.throwIfBroken()
      await beat(db, node)
      if (await tryToLead(db)) {
        const term = await beginTerm(db, node.id)
        await whileLeading({ db, term, wake })
        await resign(db, node.id)
      } else {
        const isFenced = await endSilentLeader(db, silentLeaderMs)
        if (isFenced) events.emit('leader:fenced', { by: node.id })
        await wake.sleep(isFenced ? lockFreedMs : askForLockMs)
      }
    }
    await leave(db, node.id)
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => {})
  }
}

/** Turns what the session hears, its own end included, into wake-ups. */
function watch(client: pg.Client, wake: Wake): { throwIfBroken(): void } {
  let error: Error | undefined
  client.on('notification', () => wake.now())
  client.on('error', (reason) => {
    error ??= reason
    wake.now()
  })
  client.on('end', () => {
    error ??= new Error('the session ended')
    wake.now()
  })
  return {
    throwIfBroken() {
      if (error) throw error
    },
  }
}
