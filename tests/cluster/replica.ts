import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { openRunner } from '../../src/dev/postgres/runner.ts'
import { type Ending, Server } from './server.ts'

const name = 'replica'

/**
 * A primary and a synchronous replica of it, for a fail-over that loses no commit that was confirmed.
 *
 * The primary confirms a commit when the replica has written it, too. The replica is only promoted when the primary's
 * postmaster is dead, and replays all that it was sent before it takes writes. A backend that outlives its postmaster
 * for a moment can't confirm what the replica doesn't get any more. The replica itself waits for nobody: it was never
 * told to. The old primary's data are removed, so that it can't come back and be a second one.
 */
export class ReplicatedServer {
  #primary: Server
  #replica: Server | undefined

  private constructor(primary: Server, replica: Server) {
    this.#primary = primary
    this.#replica = replica
  }

  /** @param settings of both */
  static async create(settings: Record<string, string> = {}): Promise<ReplicatedServer> {
    const primary = await Server.create(settings)
    let replica: Server | undefined
    try {
      const following = { primary_conninfo: describe(primary), wal_retrieve_retry_interval: '100ms' }
      await primary.stop()
      replica = await Server.create({ ...settings, ...following }, async (dataDir) => {
        await copy(primary.dataDir, dataDir)
        // Its port was copied, too; now that it is in use the replica takes another one.
        await primary.start({ ...settings, synchronous_standby_names: name })
      })
      await untilSynchronous(primary)
      return new ReplicatedServer(primary, replica)
    } catch (error) {
      await Promise.all([primary.remove(), replica?.remove()])
      throw error
    }
  }

  /** Of the primary, which is the promoted replica after a fail-over. */
  get connectionString(): string {
    return this.#primary.connectionString
  }

  /** Of the replica as long as it is one: it can be read. */
  get replicaConnectionString(): string {
    if (!this.#replica) throw new Error('the replica was promoted')
    return this.#replica.connectionString
  }

  /** Ends the primary for good; until `promote` there is only what can be read. */
  async losePrimary(how: Ending = 'kill'): Promise<void> {
    await this.#primary.stop(how)
    await this.#primary.remove()
  }

  /**
   * Makes the replica the primary, and ends the old one before that; resolves when it takes writes.
   * @returns where to connect from now on
   */
  async promote(how: Ending = 'kill'): Promise<string> {
    const replica = this.#replica
    if (!replica) throw new Error('the replica was promoted')
    await this.losePrimary(how)
    await query(replica.connectionString, 'select pg_promote()')
    this.#primary = replica
    this.#replica = undefined
    return replica.connectionString
  }

  /** Takes the primary down and up again. */
  restart(how: Ending): Promise<void> {
    return this.#primary.restart(how)
  }

  async remove(): Promise<void> {
    await Promise.all([this.#primary.remove(), this.#replica?.remove()])
  }
}

/** Of a server that is down. */
async function copy(from: string, to: string): Promise<void> {
  // With owners, for Postgres refuses data of another user.
  await promisify(execFile)('cp', ['-a', from, to])
  const signal = join(to, 'standby.signal')
  await writeFile(signal, '')
  await (await openRunner(to)).own(signal)
}

/** As libpq wants it. */
function describe({ connectionString }: Server): string {
  const { hostname, port, username, password } = new URL(connectionString)
  return `host=${hostname} port=${port} user=${username} password=${password} application_name=${name}`
}

/** Before that, a commit would wait for the replica. */
async function untilSynchronous({ connectionString }: Server): Promise<void> {
  const state = `select from pg_stat_replication where application_name = '${name}' and sync_state = 'sync'`
  while ((await query(connectionString, state)).length === 0) {}
}

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
