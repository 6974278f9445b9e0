import { fail, pass, warn } from '../../finding.ts'
import { type MigrationState, type Migrations, readMigrations } from '../../store/migrate.ts'
import { isForbidden } from '../../store/postgres-errors.ts'
import { isSimulated } from '../../store/simulated-clock.ts'
import type { Db } from '../../store/tables.ts'
import type { Check } from '../check.ts'

/** Whether the database has what this version and its tasks need. */
export const migrations: Check = {
  name: 'migrations',
  needs: 'postgres',
  async look({ db, readTasks }) {
    try {
      const own = await readMigrations(db)
      if (own.applied === 0) return fail('there are no tables of pgbeat here', 'run bin/migrate')
      const states = [own]
      const { tasks } = await readTasks()
      for (const task of tasks.flatMap(({ migrations }) => migrations ?? [])) {
        states.push(await readOfTask(db, task))
      }
      const pending = states.flatMap(({ pending }) => pending)
      if (pending.length > 0) return fail(`the database lacks ${pending.join(', ')}`, 'run bin/migrate')
      if (await isSimulated(db)) {
        return fail("a simulation has stopped the database's clock", 'run bin/migrate, which gives it back')
      }
      const unknown = states.flatMap(({ unknown }) => unknown)
      if (unknown.length > 0) {
        const newer = `the database is of a newer version: this one does not know ${unknown.join(', ')}`
        return warn(newer, 'upgrade this process to the version that migrated the database')
      }
      return pass(`all ${states.reduce((sum, { applied }) => sum + applied, 0)} are applied`)
    } catch (error) {
      if (!isForbidden(error)) throw error
      return fail('this role may not see which migrations were applied', 'see rights')
    }
  },
}

/** Named with their schema. Who may not see them, such as an API, does not need them. */
async function readOfTask(db: Db, task: Migrations): Promise<MigrationState> {
  const named = (files: readonly string[]) => files.map((file) => `${task.schema}/${file}`)
  try {
    const { applied, pending, unknown } = await readMigrations(db, task)
    return { applied, pending: named(pending), unknown: named(unknown) }
  } catch (error) {
    if (!isForbidden(error)) throw error
    return { applied: 0, pending: [], unknown: [] }
  }
}
