import { createHash, randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import tap, { type Test } from 'tap'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { startTestServer } from './server.ts'

export interface TestDatabase {
  connectionString: string
  pool: pg.Pool
  name: string
}

/** A database of the test's own, migrated unless `empty`, dropped when the test is over. */
export async function testDatabase(t: Pick<Test, 'teardown'>, { empty = false } = {}): Promise<TestDatabase> {
  const server = await testServer()
  const name = `test_${randomBytes(8).toString('hex')}`
  await admin(server, async (client) => {
    const source = empty ? 'template1' : await template(server, client)
    // Copying the files takes a tenth of the time that Postgres' default takes, as long as fsync is off.
    await client.query(`create database ${name} template ${source} strategy file_copy`)
  })
  const connectionString = databaseUrl(server, name)
  const pool = testPool(connectionString)
  t.teardown(async () => {
    // With force and before the pool ends, for a test that failed may have left connections checked out.
    await admin(server, (client) => client.query(`drop database if exists ${name} with (force)`))
    await pool.end()
  })
  return { connectionString, pool, name }
}

let own: Promise<string> | undefined

/** The suite's server, or one for this process when a test file runs alone. */
function testServer(): Promise<string> {
  const shared = process.env.PGBEAT_TEST_SERVER
  if (shared) return Promise.resolve(shared)
  own ??= startTestServer().then(({ connectionString, stop }) => {
    tap.teardown(stop)
    return connectionString
  })
  return own
}

/** A pool whose connections may be killed without ending the process. */
function testPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

let templateName: Promise<string> | undefined

function template(server: string, client: pg.Client): Promise<string> {
  templateName ??= makeTemplate(server, client)
  return templateName
}

/** Of all test processes the first migrates; the others wait for it and find the template. */
async function makeTemplate(server: string, client: pg.Client): Promise<string> {
  const name = `template_${await migrationsHash()}`
  await client.query(`select pg_advisory_lock(hashtext('pgbeat test template'))`)
  try {
    const found = await client.query('select from pg_database where datname = $1', [name])
    if (found.rowCount) return name
    const unfinished = `${name}_unfinished`
    await client.query(`drop database if exists ${unfinished} with (force)`)
    await client.query(`create database ${unfinished}`)
    await prepareDatabase(databaseUrl(server, unfinished))
    await client.query(`alter database ${unfinished} rename to ${name}`)
    return name
  } finally {
    await client.query(`select pg_advisory_unlock(hashtext('pgbeat test template'))`)
  }
}

async function migrationsHash(): Promise<string> {
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  const hash = createHash('sha256')
  // graphile-worker's version stands for the migrations that it brings itself.
  const names = globSync('{db,src/tasks/*}/migrations/*.sql', { cwd }).sort()
  for (const name of [...names, 'node_modules/graphile-worker/package.json']) {
    hash.update(name).update(await readFile(join(cwd, name)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function admin<T>(server: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl(server, 'postgres') })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
