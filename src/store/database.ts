import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely'
import pg from 'pg'
import { Connection } from './connection.ts'
import type { Db } from './tables.ts'

/**
 * pg reads dates in one style only, and a database can be set to another. A peer that vanished without a word is noticed
 * in 11 s instead of the 2 hours that systems wait by themselves: until then its locks are held.
 */
const sessionSettings = `set datestyle to iso;
  set tcp_keepalives_idle to 5; set tcp_keepalives_interval to 2; set tcp_keepalives_count to 3;
  set tcp_user_timeout to 11000`

export interface PoolOptions {
  readonly connectionString: string
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string
  readonly maxConnections?: number
  /** Settings of each session, e.g. `-c synchronous_commit=off`. */
  readonly options?: string
  /** Called for each new connection before anybody gets it. */
  readonly onConnect?: (client: pg.ClientBase) => Promise<void>
  /** Statements that take longer are ended, and so are transactions that pause for longer: who is frozen holds no locks. */
  readonly statementTimeoutMs?: number
  /** A connection that has not answered for so long is given up: its other end may be gone. */
  readonly answerTimeoutMs?: number
  /** A connection that nobody has needed for so long is closed; after 10 s when left out. */
  readonly idleTimeoutMs?: number
  /** A connection is closed, when nobody uses it, once it has lived for so long; never when left out. */
  readonly lifetimeSeconds?: number
  /**
   * Who reads an answer piece by piece may take longer over a piece than a peer may be gone: Postgres can't tell the two
   * apart, and waits for both.
   */
  readonly readsSlowly?: boolean
  /** For a new connection, or for one of the others to be free; 10 s when left out. */
  readonly connectTimeoutMs?: number
}

/** A pool that outlives its connections: one that the server closes is replaced when next asked for. */
export function openPool(options: PoolOptions): pg.Pool {
  const {
    connectionString,
    applicationName,
    maxConnections,
    onConnect,
    statementTimeoutMs,
    answerTimeoutMs,
    idleTimeoutMs,
    lifetimeSeconds,
    readsSlowly = false,
    connectTimeoutMs = 10_000,
  } = options
  const pool = new pg.Pool({
    ...connectionOptions(connectionString, applicationName),
    Client: Connection,
    connectionTimeoutMillis: connectTimeoutMs,
    max: maxConnections ?? 10,
    ...(options.options !== undefined && { options: options.options }),
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
    ...(idleTimeoutMs !== undefined && { idleTimeoutMillis: idleTimeoutMs }),
    ...(lifetimeSeconds !== undefined && { maxLifetimeSeconds: lifetimeSeconds }),
    onConnect: async (client) => {
      await client.query(sessionSettings)
      if (readsSlowly) await client.query('set tcp_user_timeout to 0')
      if (statementTimeoutMs !== undefined) {
        const both = `set statement_timeout to ${statementTimeoutMs};
          set idle_in_transaction_session_timeout to ${statementTimeoutMs}`
        await client.query(both)
      }
      await onConnect?.(client)
    },
  })
  // A connection that breaks while idle, or between two statements of its user, must not end the process: whoever
  // uses it next is told by a failing query.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

export interface SessionOptions {
  /** A session that has not answered for so long has ended. */
  readonly answerTimeoutMs?: number
}

/** One session, for what belongs to a session: an advisory lock, LISTEN. */
export async function openSession(
  connectionString: string,
  applicationName: string,
  { answerTimeoutMs = 10_000 }: SessionOptions = {},
): Promise<pg.Client> {
  const client = new Connection({
    ...connectionOptions(connectionString, applicationName),
    connectionTimeoutMillis: 5_000,
    query_timeout: answerTimeoutMs,
  })
  // A session that breaks fails its next query; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(sessionSettings)
    return client
  } catch (error) {
    await client.end()
    throw error
  }
}

/** Has a session told of what is sent on channels, from now on. */
export async function listen(session: pg.Client, channels: readonly string[]): Promise<void> {
  for (const channel of channels) await session.query(`listen ${pg.escapeIdentifier(channel)}`)
}

export interface Limits {
  readonly statementMs: number
  /** For a lock that somebody else holds. */
  readonly lockMs: number
  /** Between two statements of a transaction. */
  readonly pauseMs: number
}

/** How long Postgres bears with a session; one that pauses for longer has ended. */
export async function limit(session: pg.ClientBase, { statementMs, lockMs, pauseMs }: Limits): Promise<void> {
  await session.query(`set statement_timeout to ${statementMs}; set lock_timeout to ${lockMs};
    set idle_in_transaction_session_timeout to ${pauseMs}`)
}

/**
 * For a session whose statements all find their rows through an index, or where they locked them: it must not depend on
 * when a table was last analyzed that they do.
 */
export async function neverScan(session: pg.ClientBase): Promise<void> {
  await session.query('set enable_seqscan to off; set jit to off')
}

/** Whether Postgres answers at all. */
export async function isReachable(db: Db): Promise<boolean> {
  return sql`select 1`.execute(db).then(
    () => true,
    () => false,
  )
}

export function overPool(pool: pg.Pool): Db {
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}

/** All statements on one session; when it is gone, each of them fails. */
export function overSession(client: pg.Client): Db {
  const connection = { query: client.query.bind(client), release() {} } as PostgresPoolClient
  const pool = { options: {}, connect: async () => connection, end: async () => {} }
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}

function connectionOptions(connectionString: string, applicationName: string): pg.ClientConfig {
  return {
    connectionString,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  }
}
