import { fail, pass, warn } from '../../finding.ts'
import { readMigrations } from '../../store/migrate.ts'
import { isForbidden } from '../../store/postgres-errors.ts'
import { isSimulated } from '../../store/simulated-clock.ts'
import type { Check } from '../check.ts'

/** Whether the database has what this version needs. */
export const migrations: Check = {
  name: 'migrations',
  needs: 'postgres',
  async look({ db }) {
    try {
      const { pending, unknown, applied } = await readMigrations(db)
      if (pending.length > 0) {
        const lacks = applied === 0 ? 'there are no tables of pgbeat here' : `the database lacks ${pending.join(', ')}`
        return fail(lacks, 'run bin/migrate')
      }
      if (await isSimulated(db)) {
        return fail("a simulation has stopped the database's clock", 'run bin/migrate, which gives it back')
      }
      if (unknown.length > 0) {
        const newer = `the database is of a newer version: this one does not know ${unknown.join(', ')}`
        return warn(newer, 'upgrade this process to the version that migrated the database')
      }
      return pass(`all ${applied} are applied`)
    } catch (error) {
      if (!isForbidden(error)) throw error
      return fail('this role may not see which migrations were applied', 'see rights')
    }
  },
}
