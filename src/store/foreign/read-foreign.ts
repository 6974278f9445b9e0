import { sql } from 'kysely'
import { openSession, overSession } from '../database.ts'
import type { Db } from '../tables.ts'

/** Reads a database that may be another program's, and changes nothing there. */
export async function readForeign<Result>(
  connectionString: string,
  read: (db: Db) => Promise<Result>,
): Promise<Result> {
  const session = await openSession(connectionString, 'pgbeat import')
  try {
    return await overSession(session)
      .transaction()
      .setAccessMode('read only')
      .execute((trx) => read(trx))
  } finally {
    await session.end()
  }
}

/** Whether there is a table of this name, with its schema or as the search path finds it. */
export async function hasTable(db: Db, name: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass(${name}) is not null as found`.execute(db)
  return rows[0]?.found === true
}
