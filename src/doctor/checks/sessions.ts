import { fail, pass } from '../../finding.ts'
import { findPooler } from '../../store/pooler.ts'
import { locksBelongToSessions } from '../../store/session-lock.ts'
import type { Check } from '../check.ts'

const action =
  'point DATABASE_URL at Postgres itself, or at a pooler in session mode, for bin/tick and bin/migrate at least'

/** Whether a session keeps what is its own: the leader's lock, what it listens to. */
export const sessions: Check = {
  name: 'sessions',
  needs: 'postgres',
  async look({ connectionString }) {
    const pooler = await findPooler(connectionString)
    if (pooler !== undefined) return fail(pooler.message, action)
    if (!(await locksBelongToSessions(connectionString))) {
      return fail('a lock that a session takes does not keep others out, so there may be two leaders', action)
    }
    return pass('each session has its backend to itself, and its locks')
  },
}
