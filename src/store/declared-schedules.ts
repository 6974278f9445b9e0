import { sql } from 'kysely'
import { type Actor, asActor } from './as-actor.ts'
import { plansOf } from './planning.ts'
import { Refused } from './refusal.ts'
import { schedulesMatching } from './schedule-filter.ts'
import { durations, type NewSchedule, type Schedule } from './schedules.ts'
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

/** Postgres takes 65,535 values in a statement, and a schedule has two dozen. */
const mostInserted = 1_000

/**
 * Creates all of them; croner judges what SQL let pass, as with one.
 * @throws Refused for one of them, whichever it is
 */
export async function createSchedules(db: Db, actor: Actor, schedules: readonly NewSchedule[]): Promise<void> {
  await asActor(db, actor, async (trx) => {
    for (let first = 0; first < schedules.length; first += mostInserted) {
      const some = schedules.slice(first, first + mostInserted)
      const created = await trx.insertInto('pgbeat.schedules').values(some).returning('id').execute()
      const plans = await plansOf(
        trx,
        created.map(({ id }) => id),
      )
      for (const planned of plans) {
        if (planned.error !== null) throw new Refused('schedule', planned.field, planned.error)
      }
    }
  })
}

/** Deletes those that still have the revisions that were found; answers how many. */
export async function deleteFound(db: Db, actor: Actor, found: readonly Schedule[]): Promise<number> {
  return asActor(db, actor, async (trx) => {
    const { numAffectedRows } = await sql`
      delete from pgbeat.schedules s
      using unnest(${found.map(({ id }) => id)}::uuid[], ${found.map(({ revision }) => revision)}::bigint[]) as found(id, revision)
      where s.id = found.id and s.revision = found.revision`.execute(trx)
    return Number(numAffectedRows ?? 0n)
  })
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
