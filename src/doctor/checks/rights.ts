import { fail, pass, skip, warn } from '../../finding.ts'
import { readRights } from '../../store/rights.ts'
import type { Check } from '../check.ts'

const mostNamed = 5

/** Whether the role of DATABASE_URL may do what pgbeat does. */
export const rights: Check = {
  name: 'rights',
  needs: 'postgres',
  async look({ db }) {
    const { role, schemas, missing, is_owner } = await readRights(db)
    if (!schemas.includes('pgbeat')) return skip('there is nothing yet to have rights to, see migrations')
    if (missing.length > 0) {
      const named = missing.slice(0, mostNamed).join(', ')
      const more = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : ''
      return fail(
        `the role ${role} lacks ${named}${more}`,
        `connect as the role that ran bin/migrate, or have it granted to ${role}`,
      )
    }
    if (is_owner) return pass(`the role ${role} may do all that pgbeat does`)
    return warn(
      `the role ${role} does not own pgbeat.runs: that will do for bin/worker and bin/api, but bin/tick can't make and drop the partitions of days with it`,
      'let bin/tick and bin/migrate connect as the owner, or as a role that is a member of it',
    )
  },
}
