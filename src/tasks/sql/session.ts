import pg from 'pg'

/** A connection for one run, and nobody after it: a statement can leave anything behind in a session. */
export interface Session {
  readonly client: pg.ClientBase
  /** Has Postgres end what the session is doing. */
  cancel(): Promise<void>
  /** Closes the connection, whatever it is doing. */
  close(): Promise<void>
}

const applicationName = 'pgbeat sql task'
const connectTimeoutMs = 10_000

/** With a login of its own. */
export async function openSession(url: string): Promise<Session> {
  const client = await connect(url)
  const pid = await pidOf(client)
  return {
    client,
    async cancel() {
      const other = await connect(url)
      await other.query(cancelStatement, [pid]).finally(() => other.end())
    },
    close: () => client.end(),
  }
}

/** With the login of the worker. */
export async function borrowSession(pool: pg.Pool): Promise<Session> {
  const client = await pool.connect()
  const pid = await pidOf(client)
  return {
    client,
    cancel: async () => void (await pool.query(cancelStatement, [pid])),
    close: async () => client.release(true),
  }
}

const cancelStatement = 'select pg_cancel_backend($1)'

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  })
  // A session that breaks fails its next query; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  return client
}

async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}
