import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Logger, runMigrations } from 'graphile-worker'
import { sql } from 'kysely'
import pg from 'pg'
import { openPool, openSession, overSession } from './database.ts'
import { requireOwnBackend } from './pooler.ts'
import { isLocked } from './postgres-errors.ts'
import { isSimulated } from './simulated-clock.ts'
import type { Db } from './tables.ts'

/** Numbered, forward-only SQL files and the schema that they fill. */
export interface Migrations {
  readonly schema: string
  readonly directory: URL
}

const own: Migrations = { schema: 'pgbeat', directory: new URL('../../db/migrations/', import.meta.url) }

const quiet = new Logger(() => () => {})

/**
 * Brings a database up to date: pgbeat's schema, graphile-worker's, and the tables that tasks bring along. Safe to call
 * from many processes at once; answers the names of the files that it applied.
 * @throws MigrationError when the database was migrated by a newer version, or a file was changed after it was applied
 * @throws PoolerError when its lock would not be its own
 */
export async function migrate(connectionString: string, ofTasks: readonly Migrations[] = []): Promise<string[]> {
  const pool = openPool({ connectionString, applicationName: 'pgbeat migrate', maxConnections: 3 })
  const client = await pool.connect().catch(async (error) => {
    await pool.end()
    throw error
  })
  try {
    await requireOwnBackend(client, connectionString)
    await client.query(`select pg_advisory_lock(hashtextextended('pgbeat.migrate', 0))`)
    await runMigrations({ pgPool: pool, schema: 'graphile_worker', logger: quiet })
    const applied: string[] = []
    for (const migrations of [own, ...ofTasks]) applied.push(...(await apply(client, migrations)))
    return applied
  } finally {
    client.release(true)
    await pool.end()
  }
}

/**
 * @throws MigrationError when the database lacks migrations of this version, or does not go by its own clock
 */
export async function requireMigrated(connectionString: string): Promise<void> {
  const session = await openSession(connectionString, 'pgbeat')
  try {
    const missing = await pendingMigrations(overSession(session))
    if (missing.length > 0) throw new MigrationError(`the database lacks ${missing.join(', ')}: run bin/migrate first`)
    if (await isSimulated(overSession(session))) {
      throw new MigrationError("a simulation has stopped the database's clock: bin/migrate gives it back")
    }
  } finally {
    await session.end()
  }
}

/** The migrations of this version that a database lacks. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  return (await readMigrations(db)).pending
}

export interface MigrationState {
  /** How many were applied. */
  readonly applied: number
  /** Those of this version that are missing. */
  readonly pending: string[]
  /** Those that this version does not know. */
  readonly unknown: string[]
}

/** @param migrations those that a task brings along; left out, pgbeat's own */
export async function readMigrations(db: Db, migrations: Migrations = own): Promise<MigrationState> {
  const table = `${migrations.schema}.migrations`
  const { rows } = await sql<{ exists: boolean }>`select to_regclass(${table}) is not null as exists`.execute(db)
  const files = await migrationFiles(migrations)
  if (!rows[0]?.exists) return { applied: 0, pending: files, unknown: [] }
  const { rows: found } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db)
  const applied = found.map(({ name }) => name)
  return {
    applied: applied.length,
    pending: files.filter((file) => !applied.includes(file)),
    unknown: applied.filter((file) => !files.includes(file)),
  }
}

/** The database is not as this version needs it; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

async function apply(client: pg.PoolClient, { schema, directory }: Migrations): Promise<string[]> {
  const name = pg.escapeIdentifier(schema)
  await client.query(`create schema if not exists ${name}`)
  await client.query(`
    create table if not exists ${name}.migrations
      (name text primary key, checksum text not null, applied_at timestamptz not null default now());
    comment on table ${name}.migrations is 'The migrations that were applied';
    comment on column ${name}.migrations.name is 'The file';
    comment on column ${name}.migrations.checksum is 'Its SHA-256 then';
    comment on column ${name}.migrations.applied_at is 'When'`)
  const known = await appliedMigrations(client, schema)
  const files = await migrationFiles({ schema, directory })
  const unknown = [...known.keys()].filter((file) => !files.includes(file))
  if (unknown.length > 0) {
    throw new MigrationError(
      `the schema ${schema} has migrations that this version does not know (${unknown.join(', ')}): use a newer pgbeat`,
    )
  }
  const applied: string[] = []
  for (const file of files) {
    const text = await readFile(new URL(file, directory), 'utf8')
    const checksum = createHash('sha256').update(text).digest('hex')
    if (known.has(file)) {
      if (known.get(file) === checksum) continue
      throw new MigrationError(`${schema}: ${file} was changed after it was applied; migrations only go forward`)
    }
    await whenNotLocked(() =>
      inTransaction(client, async () => {
        await client.query(`set local lock_timeout to ${longestLockWaitMs}`)
        await client.query(text)
        await client.query(`insert into ${name}.migrations (name, checksum) values ($1, $2)`, [file, checksum])
      }),
    )
    applied.push(`${schema}/${file}`)
  }
  return applied
}

/** Whoever waits for a table makes all others wait behind it, so a migration waits this long, and then tries again. */
const longestLockWaitMs = 1_000
const pauseMs = 500
const mostTries = 60

async function whenNotLocked(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isLocked(error)) throw error
      if (tries === mostTries)
        throw new MigrationError('somebody holds a lock on a table that a migration changes: try again later')
      await delay(pauseMs)
    }
  }
}

/** The files that were applied to a schema, and their checksums. */
async function appliedMigrations(client: pg.ClientBase, schema: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `select name, checksum from ${pg.escapeIdentifier(schema)}.migrations`,
  )
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

async function migrationFiles({ directory }: Migrations): Promise<string[]> {
  return (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort()
}

async function inTransaction(client: pg.PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
