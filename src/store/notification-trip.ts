import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type pg from 'pg'
import { listen, openSession } from './database.ts'
import type { Db } from './tables.ts'

const patienceMs = 3_000

/**
 * Listens to a channel of its own and notifies it from another session; answers how many milliseconds that took, or null
 * when nothing came.
 */
export async function timeNotification(connectionString: string, db: Db): Promise<number | null> {
  const channel = `pgbeat_doctor_${randomBytes(8).toString('hex')}`
  const session = await openSession(connectionString, 'pgbeat doctor', { answerTimeoutMs: patienceMs })
  try {
    const { promise: heard, resolve } = Promise.withResolvers<number | null>()
    const timer = setTimeout(resolve, patienceMs, null)
    session.on('notification', (message: pg.Notification) => {
      if (message.channel === channel) resolve(performance.now())
    })
    await listen(session, [channel])
    // So that opening a connection is no part of it.
    await sql`select 1`.execute(db)
    const sentAt = performance.now()
    await sql`select pg_notify(${channel}, '')`.execute(db)
    const heardAt = await heard
    clearTimeout(timer)
    return heardAt === null ? null : heardAt - sentAt
  } finally {
    await session.end()
  }
}
