import { sql } from 'kysely'
import type { Db } from './tables.ts'

/**
 * For statements that read the first so many rows of an index. The planner knows how many rows there are only from when
 * it last looked, and what it believes to be few it would rather read and sort whole: of a queue that has grown since
 * then, a million. Here it takes the index, and compiles nothing for the sake of what it believes to be many.
 *
 * Planning takes longer than reading where there are many partitions. These statements have no parameters, so that on a
 * connection that prepares them (`overPreparing`) they are planned once.
 */
export async function readBounded<Result>(db: Db, read: (trx: Db) => Promise<Result>): Promise<Result> {
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .setAccessMode('read only')
    .execute(async (trx) => {
      await sql`
        select set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true),
          set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)`.execute(trx)
      return read(trx)
    })
}
