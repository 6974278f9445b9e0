import { type Finding, fail, pass } from '../../finding.ts'
import { reasonOf } from '../../reason.ts'
import { isRefused } from '../../store/postgres-errors.ts'
import { readServerState, type ServerState } from '../../store/server-state.ts'
import type { Check } from '../check.ts'

/** The first that pgbeat works with. */
const oldest = 14

/** Whether Postgres answers, and can be written to. */
export const postgres: Check = {
  name: 'postgres',
  needs: 'nothing',
  uses: ['DATABASE_URL'],
  async look({ connectionString, db }) {
    if (connectionString === '') {
      return fail('DATABASE_URL is not set', 'set it, e.g. postgres://user:password@host:5432/name')
    }
    const place = placeOf(connectionString)
    try {
      const beganAt = performance.now()
      await readServerState(db)
      const connectedAt = performance.now()
      const state = await readServerState(db)
      return judge(state, place, { connectMs: connectedAt - beganAt, answerMs: performance.now() - connectedAt })
    } catch (error) {
      const action = isRefused(error)
        ? 'correct the user, the password or the database in DATABASE_URL, or create them'
        : 'start Postgres, or correct the host and the port in DATABASE_URL; see whether a firewall is in between'
      return fail(`${place} can't be used: ${reasonOf(error)}`, action)
    }
  },
}

export function judge(
  { version, version_number, is_replica, is_read_only, role, database }: ServerState,
  place: string,
  { connectMs, answerMs }: { readonly connectMs: number; readonly answerMs: number },
): Finding {
  const found = `PostgreSQL ${version} at ${place}`
  if (version_number < oldest * 10_000) {
    return fail(`${found} is too old: pgbeat needs ${oldest} or newer`, 'upgrade Postgres')
  }
  if (is_replica) {
    return fail(`${found} is a replica, which nobody can write to`, 'point DATABASE_URL at the primary')
  }
  if (is_read_only) {
    return fail(
      `${found} only reads: default_transaction_read_only is on for ${role} in ${database}`,
      'turn it off, or point DATABASE_URL at the primary',
    )
  }
  return pass(`${found} answers in ${answerMs.toFixed(1)} ms, ${connectMs.toFixed(0)} ms with a new connection`)
}

/** Without user and password. */
function placeOf(connectionString: string): string {
  const { host, pathname } = new URL(connectionString)
  return `${host}${pathname}`
}
