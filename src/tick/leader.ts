// Leadership is a session advisory lock, held by the connection that fires. Whoever loses the session loses the power
// to fire with it. Another session fires beside it while more is due than one batch takes, and ends with the batch.
//
// A standby asks for the lock twice a second, and at once when a leader says that it resigned. It never waits inside
// Postgres for it: a blocked statement would hold back vacuum. It ends the session of a leader that holds the lock and
// gives no sign of life.
//
// The lock only keeps ticks from doing the same work twice. That nothing fires twice is held by the row locks of
// `lockDue` and the unique key of `runs`.

import type pg from 'pg'
import type { Events } from '../events.ts'
import { listen, openSession, overSession } from '../store/database.ts'
import { beginTerm, endSilentLeader, resign, tryToLead } from '../store/leader.ts'
import { beat, leave, type Node } from '../store/nodes.ts'
import { requireOwnBackend } from '../store/pooler.ts'
import type { Db } from '../store/tables.ts'
import { Wake } from '../wake.ts'
import { Contact } from './contact.ts'
import { answerTimeoutMs, prepareSession, warmUp } from './session.ts'

const askForLockMs = 500
/** How long a session that was ended takes to let the lock go. */
const lockFreedMs = 50
/**
 * A leader beats every second, and asks its session for something all the time. One of which nothing was heard for this
 * long is frozen or cut off, and holds the lock for nothing. Another one leads within 10 s of its last sign of life.
 */
const silentLeaderMs = 6_000

export interface Leadership {
  readonly db: Db
  readonly term: number
  /** Woken by changes to schedules and when the session breaks. */
  readonly wake: Wake
  /** Has been kept up while this tick stood by, so that a new leader need not wait to tell who is dead. */
  readonly contact: Contact
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
 * @throws when the session breaks or falls silent: the lock is gone then, or soon, and the caller starts over
 */
export async function standForElection(options: ElectionOptions): Promise<void> {
  const { connectionString, node, signal, events, whileLeading } = options
  const client = await openSession(connectionString, `pgbeat tick ${node.id}`, { answerTimeoutMs })
  const wake = new Wake()
  const contact = new Contact()
  const broken = watch(client, wake)
  const stop = () => wake.now()
  signal.addEventListener('abort', stop)
  const db = overSession(client)
  try {
    await requireOwnBackend(client, connectionString)
    await listen(client, ['pgbeat_schedules', 'pgbeat_leader'])
    await prepareSession(client)
    await warmUp(db)
    while (!signal.aborted) {
      broken.throwIfBroken()
      await beat(db, node)
      contact.made()
      if (await tryToLead(db)) {
        const term = await beginTerm(db, node.id)
        await whileLeading({ db, term, wake, contact })
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
