import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openSession } from './database.ts'

/** A database that is thrown away. */
export interface ScratchDatabase {
  readonly connectionString: string
  drop(): Promise<void>
}

/**
 * Creates a database of its own on a server; what else is there is left alone.
 * @param serverUrl any database of the server, with a role that may create databases
 */
export async function createScratchDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const name = `pgbeat_scratch_${randomBytes(8).toString('hex')}`
  await onServer(serverUrl, `create database ${pg.escapeIdentifier(name)}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    connectionString: url.href,
    drop: () => onServer(serverUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`),
  }
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const session = await openSession(serverUrl, 'pgbeat scratch database', { answerTimeoutMs: 120_000 })
  try {
    await session.query(statement)
  } finally {
    await session.end()
  }
}
