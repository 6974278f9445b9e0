import type pg from 'pg'
import { isReachable, listen, openSession, overSession } from './database.ts'
import { requireOwnBackend } from './pooler.ts'

/** A session that only listens hears nothing of a network that has gone silent: it is asked this often. */
const askEveryMs = 10_000
const answerTimeoutMs = 5_000

/**
 * A session for nothing but listening. It ends by itself when the other side is gone, whether that has said so or not.
 * @throws PoolerError where sessions don't keep what they listen to
 */
export async function openListener(
  connectionString: string,
  applicationName: string,
  channels: readonly string[],
): Promise<pg.Client> {
  const session = await openSession(connectionString, applicationName, { answerTimeoutMs })
  try {
    await requireOwnBackend(session, connectionString)
    await listen(session, channels)
  } catch (error) {
    await session.end()
    throw error
  }
  const asking = setInterval(() => isReachable(overSession(session)), askEveryMs)
  session.on('end', () => clearInterval(asking))
  return session
}
