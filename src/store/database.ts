import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely'
import pg from 'pg'
import { Connection, isUnanswered } from './connection.ts'
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

/** Whether an error says that Postgres can't be reached, or not just now, and nothing about the statement. */
export function isUnavailable(error: unknown): boolean {
  if (isOutdated(error)) return true
  if (error instanceof pg.DatabaseError) return /^(08|25006|25P0[34]|28|3D000|40|53|55000|57)/.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true
  if (isUnanswered(error)) return true
  // What pg says of a connection that broke, or that nobody had to give, has no code.
  return /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
    error.message,
  )
}

/** Whether an error says that somebody else holds a lock for longer than the session wants to wait. */
export function isLocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

/** Whether Postgres ended a transaction because it and another one waited for each other. */
export function isDeadlocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01'
}

export interface Limits {
  readonly statementMs: number
  /** For a lock that somebody else holds. */
  readonly lockMs: number
  /** Between two statements of a transaction. */
  readonly pauseMs: number
}

/** How long Postgres bears with a session; one that pauses for longer has ended. */
export async function limit(session: pg.Client, { statementMs, lockMs, pauseMs }: Limits): Promise<void> {
  await session.query(`set statement_timeout to ${statementMs}; set lock_timeout to ${lockMs};
    set idle_in_transaction_session_timeout to ${pauseMs}`)
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

/**
 * A pool whose connections keep statements prepared: planning takes longer than doing it where little is done at a time.
 * A connection keeps up to a megabyte or two for each, so of many shapes only the first ones are kept; the rest are planned
 * each time.
 */
export function overPreparing(pool: pg.Pool): Db {
  const names = new Map<string, string>()
  let outdated = 0
  const nameOf = (text: string) => {
    const known = names.get(text)
    if (known !== undefined || names.size >= mostPrepared) return known
    const name = createHash('sha1').update(text).digest('hex')
    names.set(text, name)
    return name
  }
  /** On whatever connection it is prepared anew from now on. */
  const rename = (text: string) => {
    outdated += 1
    names.set(text, `${createHash('sha1').update(text).digest('hex')}-${outdated}`)
  }
  const connect = async () => {
    const client = await pool.connect()
    const send = (text: string, values: readonly unknown[]) => {
      const name = nameOf(text)
      return client.query({ ...(name !== undefined && { name }), text, values: [...values] })
    }
    const query = async (text: string, values: readonly unknown[]) => {
      try {
        return await send(text, values)
      } catch (error) {
        if (!isOutdated(error)) throw error
        rename(text)
        // A transaction is over with its first error; the next one finds the new name.
        if (client.getTransactionStatus() !== 'I') throw error
        return send(text, values)
      }
    }
    return { query, release: () => client.release() } as unknown as PostgresPoolClient
  }
  return new Kysely({ dialect: new PostgresDialect({ pool: { options: {}, connect, end: () => pool.end() } }) })
}

/** Whether a prepared statement would answer other columns than when it was prepared: a migration has added one. */
function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
}

const mostPrepared = 100

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
