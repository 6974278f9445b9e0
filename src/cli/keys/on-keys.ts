import type { Config } from '../../config/variables.ts'
import { openPool, overPool } from '../../store/database.ts'
import { requireMigrated } from '../../store/migrate.ts'
import { Refused } from '../../store/refusal.ts'
import type { Db } from '../../store/tables.ts'
import { requireDatabase, UsageError } from '../command.ts'

/**
 * Does something with the keys in the database of DATABASE_URL.
 * @throws UsageError, MigrationError
 */
export async function onKeys(config: Config, act: (db: Db) => Promise<void>): Promise<void> {
  const connectionString = requireDatabase(config)
  await requireMigrated(connectionString)
  const pool = openPool({ connectionString, applicationName: 'pgbeat keys', maxConnections: 1 })
  try {
    await act(overPool(pool))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    throw new UsageError(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`)
  } finally {
    await pool.end()
  }
}
