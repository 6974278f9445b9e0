import { fail, pass, warn } from '../../finding.ts'
import { timeNotification } from '../../store/notification-trip.ts'
import type { Check } from '../check.ts'

const slowMs = 500

/** Whether what is notified is heard by who listens. */
export const notifications: Check = {
  name: 'notifications',
  needs: 'postgres',
  async look({ connectionString, db }) {
    const ms = await timeNotification(connectionString, db)
    if (ms === null) {
      return fail(
        'what NOTIFY sends does not reach who LISTENs: changes are noticed late, by asking',
        'connect to Postgres directly, or through a pooler in session mode; see sessions',
      )
    }
    const took = `NOTIFY reached LISTEN after ${ms.toFixed(1)} ms`
    if (ms < slowMs) return pass(took)
    return warn(took, 'the server or the network is slow: see what keeps Postgres busy')
  },
}
