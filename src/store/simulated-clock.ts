import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Makes a database go by a clock that stands still until it is set. Unix milliseconds. */
export async function simulateClock(db: Db, at: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`create schema if not exists pgbeat_simulation`.execute(trx)
    await sql`create table if not exists pgbeat_simulation.clock (at timestamptz not null)`.execute(trx)
    await sql`delete from pgbeat_simulation.clock`.execute(trx)
    await sql`insert into pgbeat_simulation.clock values (${toText(at)})`.execute(trx)
    await replaceClocks(trx, { clock: simulated, transaction_clock: simulated })
  })
}

export async function setSimulatedClock(db: Db, at: number): Promise<void> {
  await sql`update pgbeat_simulation.clock set at = ${toText(at)}`.execute(db)
}

/** Whether the database goes by a clock that somebody sets. */
export async function isSimulated(db: Db): Promise<boolean> {
  const { rows } = await sql<{ simulated: boolean }>`
    select to_regclass('pgbeat_simulation.clock') is not null as simulated`.execute(db)
  return rows[0]?.simulated ?? false
}

/** Makes it go by the server's clock again. */
export async function restoreClock(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await replaceClocks(trx, { clock: 'select clock_timestamp()', transaction_clock: 'select now()' })
    await sql`drop schema if exists pgbeat_simulation cascade`.execute(trx)
  })
}

const simulated = 'select at from pgbeat_simulation.clock'

async function replaceClocks(db: Db, bodies: Record<string, string>): Promise<void> {
  for (const [name, body] of Object.entries(bodies)) {
    await sql`
      create or replace function pgbeat.${sql.raw(name)}() returns timestamptz
      language sql volatile as ${sql.lit(` ${body} `)}`.execute(db)
  }
}

function toText(at: number): string {
  return new Date(at).toISOString()
}
