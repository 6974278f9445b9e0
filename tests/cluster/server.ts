import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findPostmaster } from '../../src/dev/postgres/postmaster.ts'
import { type EmbeddedPostgres, startPostgres } from '../../src/dev/postgres.ts'
import { makeServerDirectory } from '../support/server.ts'

/**
 * Processes die here and machines don't: without fsync a server that was killed still finds all that it had written in
 * the system's memory. Nothing else is given up, so that no commit that was confirmed is lost.
 */
const durable = {
  fsync: 'off',
  synchronous_commit: 'on',
  max_connections: '200',
  max_wal_size: '512MB',
}

/** `kill` ends the postmaster as the system does when memory is short; its backends end when they notice. */
export type Ending = 'fast' | 'immediate' | 'kill'

/** A Postgres of its own that can be taken down and comes back with its data, at the same port, with the same password. */
export class Server {
  readonly dataDir: string
  #settings: Record<string, string>
  #postgres: EmbeddedPostgres | undefined

  private constructor(dataDir: string, settings: Record<string, string>) {
    this.dataDir = dataDir
    this.#settings = settings
  }

  /**
   * @param settings besides the durable ones, as in postgresql.conf
   * @param prepare fills the data directory, which is not there yet; left out, it is a new one
   */
  static async create(
    settings: Record<string, string> = {},
    prepare: (dataDir: string) => Promise<void> = async () => {},
  ): Promise<Server> {
    const directory = await makeServerDirectory()
    const server = new Server(join(directory, 'data'), settings)
    try {
      await prepare(server.dataDir)
      await server.start()
      return server
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  /** Valid for as long as the server is there, down or up. */
  get connectionString(): string {
    if (!this.#postgres) throw new Error('the server was never up')
    return this.#postgres.connectionString
  }

  /** @param settings from now on; left out, those that it had */
  async start(settings = this.#settings): Promise<void> {
    this.#settings = settings
    this.#postgres = await startPostgres({
      dataDir: this.dataDir,
      settings: { ...durable, ...settings },
      ...(this.#postgres && { port: this.#postgres.port }),
    })
  }

  /** Takes it down; its data stay. */
  async stop(how: Ending = 'fast'): Promise<void> {
    if (how !== 'kill') return this.#postgres?.stop(how)
    const postmaster = await findPostmaster(this.dataDir)
    if (postmaster) process.kill(postmaster.pid, 'SIGKILL')
    // As long as it is found, a start would take it for one that runs.
    while (await findPostmaster(this.dataDir)) {}
  }

  /** Takes it down and up again; resolves when it takes connections. */
  async restart(how: Ending = 'fast'): Promise<void> {
    await this.stop(how)
    await this.start()
  }

  /** Takes it down for good. */
  async remove(): Promise<void> {
    await this.stop('immediate')
    await rm(join(this.dataDir, '..'), { recursive: true, force: true, maxRetries: 5 })
  }
}
