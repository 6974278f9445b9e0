import { sql } from 'kysely'
import { schedulesMatching } from './schedule-filter.ts'
import { durations, type Schedule } from './schedules.ts'
import type { Db } from './tables.ts'

/** The schedules that have one of the names or the tag, by id: all who change several do so in this order. */
export async function findDeclared(
  db: Db,
  { names, tag }: { readonly names: readonly string[]; readonly tag: string | null },
): Promise<Schedule[]> {
  const isTagged = tag === null ? sql<boolean>`false` : sql<boolean>`id in (${schedulesMatching({ tags: [tag] })})`
  return db
    .selectFrom('pgbeat.schedules')
    .selectAll()
    .select(durations)
    .where(sql<boolean>`(name = any(${names}::text[]) or ${isTagged})`)
    .orderBy('id')
    .execute()
}

/** How long durations are that Postgres can read, in seconds, in the same order. */
export async function secondsOf(db: Db, texts: readonly string[]): Promise<number[]> {
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from duration::interval)::float8 as seconds
    from unnest(${texts}::text[]) with ordinality as given(duration, place) order by place`.execute(db)
  return rows.map(({ seconds }) => seconds)
}

/** Has what `work` did undone when it fails, and the transaction go on. */
export async function orUndone<Result>(trx: Db, work: () => Promise<Result>): Promise<Result> {
  await sql`savepoint undone`.execute(trx)
  try {
    const result = await work()
    await sql`release savepoint undone`.execute(trx)
    return result
  } catch (error) {
    await sql`rollback to savepoint undone`.execute(trx)
    await sql`release savepoint undone`.execute(trx)
    throw error
  }
}
