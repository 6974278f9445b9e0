import { randomInt } from 'node:crypto'
import type pg from 'pg'
import { openSession } from './database.ts'

const answerTimeoutMs = 2_000

/** Whether a lock that a session takes keeps another one out until the session ends, and no longer. */
export async function locksBelongToSessions(connectionString: string): Promise<boolean> {
  const open = () => openSession(connectionString, 'pgbeat doctor', { answerTimeoutMs })
  const sessions = [await open()]
  try {
    const [one] = sessions as [pg.Client]
    const other = await open()
    sessions.push(other)
    const key = randomInt(2 ** 47)
    if (!(await tryLock(one, key)) || (await tryLock(other, key))) return false
    await one.query('select pg_advisory_unlock($1)', [key])
    return await tryLock(other, key)
  } finally {
    await Promise.all(sessions.map((session) => session.end()))
  }
}

async function tryLock(session: pg.Client, key: number): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [key])
  return rows[0]?.locked ?? false
}
