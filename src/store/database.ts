import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely'
import pg from 'pg'
import type { Db } from './tables.ts'

/** pg reads dates in this style only, and a database can be set to another one. */
const readableDates = 'set datestyle to iso'

export interface PoolOptions {
  readonly connectionString: string
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string
  readonly maxConnections?: number
  /** Settings of each session, e.g. `-c synchronous_commit=off`. */
  readonly options?: string
  /** Called for each new connection before anybody gets it. */
  readonly onConnect?: (client: pg.ClientBase) => Promise<void>
  /** Statements that take longer are ended. */
  readonly statementTimeoutMs?: number
  /** A connection that has not answered for so long is given up: its other end may be gone. */
  readonly answerTimeoutMs?: number
  /** A connection that nobody has needed for so long is closed; after 10 s when left out. */
  readonly idleTimeoutMs?: number
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
  } = options
  const pool = new pg.Pool({
    ...connectionOptions(connectionString, applicationName),
    max: maxConnections ?? 10,
    ...(options.options !== undefined && { options: options.options }),
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
    ...(idleTimeoutMs !== undefined && { idleTimeoutMillis: idleTimeoutMs }),
    onConnect: async (client) => {
      await client.query(readableDates)
      if (statementTimeoutMs !== undefined) await client.query(`set statement_timeout to ${statementTimeoutMs}`)
      await onConnect?.(client)
    },
  })
  // A connection that breaks while idle, or between two statements of its user, must not end the process: whoever
  // uses it next is told by a failing query.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** One session, for what belongs to a session: an advisory lock, LISTEN. */
export async function openSession(connectionString: string, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client(connectionOptions(connectionString, applicationName))
  // A session that breaks fails its next query; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  await client.query(readableDates)
  // A peer that vanished without a word is noticed in 11 s instead of the 2 hours that systems wait by themselves.
  await client.query('set tcp_keepalives_idle to 5; set tcp_keepalives_interval to 2; set tcp_keepalives_count to 3')
  return client
}

/** Has a session told of what is sent on channels, from now on. */
export async function listen(session: pg.Client, channels: readonly string[]): Promise<void> {
  for (const channel of channels) await session.query(`listen ${pg.escapeIdentifier(channel)}`)
}

/** Whether an error says that Postgres can't be reached, or not just now, and nothing about the statement. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|25006|28|3D000|40|53|55000|57)/.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true
  if (isUnanswered(error)) return true
  // What pg says of a connection that broke, or that nobody had to give, has no code.
  return /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
    error.message,
  )
}

/** Whether pg has waited for an answer for as long as it may. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** Whether an error says that somebody else holds a lock for longer than the session wants to wait. */
export function isLocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

/** Whether Postgres ended a transaction because it and another one waited for each other. */
export function isDeadlocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01'
}

/** How long a session waits for a lock that somebody else holds. */
export async function limitLockWaits(session: pg.Client, ms: number): Promise<void> {
  await session.query(`set lock_timeout to ${ms}`)
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
  const nameOf = (text: string) => {
    const known = names.get(text)
    if (known !== undefined || names.size >= mostPrepared) return known
    const name = createHash('sha1').update(text).digest('hex')
    names.set(text, name)
    return name
  }
  const connect = async () => {
    const client = await pool.connect()
    let isLost = false
    const query = async (text: string, values: readonly unknown[]) => {
      const name = nameOf(text)
      try {
        return await client.query({ ...(name !== undefined && { name }), text, values: [...values] })
      } catch (error) {
        isLost ||= isUnanswered(error)
        throw error
      }
    }
    return { query, release: () => client.release(isLost) } as unknown as PostgresPoolClient
  }
  return new Kysely({ dialect: new PostgresDialect({ pool: { options: {}, connect, end: () => pool.end() } }) })
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
    connectionTimeoutMillis: 10_000,
  }
}
