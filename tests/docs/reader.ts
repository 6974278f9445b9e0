import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Test } from 'tap'
import type { LiveEvent } from '../../src/client/client.ts'
import { Changes } from './changes.ts'
import { type Block, root } from './page.ts'
import { Program } from './program.ts'

/** What a reader has typed and what came of it; `code` is an exit code, or null for SQL. */
export interface Outcome {
  readonly output: string
  readonly code: number | null
}

const top = fileURLToPath(root)
/** Where a reader's own files are, or what belongs to the clone that runs the test. */
const own = new Set(['.git', '.env', '.pgbeat', 'package.json', 'tasks', 'tests'])

/** Somebody who does what a page says: with a clone of the repository, and its processes, which are stopped in the end. */
export class Reader {
  readonly folder: string
  readonly address: string
  #running: Program[] = []
  #connectionString = ''
  #examples = 0
  readonly #changes: Changes

  private constructor(folder: string, address: string) {
    this.folder = folder
    this.address = address
    this.#changes = new Changes(address)
  }

  static async create(t: Pick<Test, 'teardown'>): Promise<Reader> {
    const folder = await mkdtemp(join(tmpdir(), 'pgbeat-reader-'))
    for (const name of await readdir(top)) if (!own.has(name)) await symlink(join(top, name), join(folder, name))
    // The package that a file belongs to is looked for beside it.
    await cp(join(top, 'package.json'), join(folder, 'package.json'))
    const reader = new Reader(folder, `127.0.0.1:${await freePort()}`)
    t.teardown(async () => {
      await reader.stop()
      await rm(folder, { recursive: true, force: true })
    })
    return reader
  }

  /** What pgbeat tells of what happens, since it was started. */
  happened(count: number, matches: (event: LiveEvent) => boolean): Promise<void> {
    return this.#changes.happened(count, matches)
  }

  /** Does what a block says: writes a file, asks the database, runs a program to its end. */
  async do({ language, code }: Block): Promise<Outcome> {
    const [, path] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? []
    if (path !== undefined) return this.#write(path, code)
    if (language === 'sql') return this.#ask(code)
    const program = this.launch({ language, code })
    const exit = await program.exited
    return { output: program.output, code: exit }
  }

  /** Starts a program of a block, and leaves it running. */
  launch({ language, code }: Block, more: Readonly<Record<string, string>> = {}): Program {
    const text = code.replaceAll('127.0.0.1:8000', this.address)
    const [, port] = this.address.split(':')
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, PGBEAT_PORT: port }
    const database = this.#connectionString === '' ? {} : { DATABASE_URL: this.#connectionString }
    const program = new Program(this.#commandOf(language, text), this.folder, { ...env, ...database, ...more })
    this.#running.push(program)
    return program
  }

  /** `npm start`, in place of the one that runs. */
  async start(code: string): Promise<void> {
    await this.stop()
    const program = this.launch({ language: 'sh', code })
    const [, database = ''] = await program.printed(/Database +(postgres:\S+)/)
    this.#connectionString = database
    this.#changes.follow()
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    this.#changes.leave()
    await Promise.all(this.#running.map((program) => program.stop('SIGINT')))
    this.#running = []
    this.#connectionString = ''
  }

  /** TypeScript is a file of the reader's, as the worker's own threads could not be started from a text. */
  #commandOf(language: string, code: string): [string, ...string[]] {
    if (language === 'sh') return ['sh', '-c', code]
    const file = join(this.folder, `example-${++this.#examples}.ts`)
    writeFileSync(file, code)
    return [process.execPath, '--conditions=pgbeat-source', file]
  }

  async #write(path: string, code: string): Promise<Outcome> {
    const file = join(this.folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, code)
    return { output: '', code: 0 }
  }

  /** Each statement by itself, as psql sends and shows them. */
  async #ask(code: string): Promise<Outcome> {
    const client = new pg.Client({
      connectionString: this.#connectionString,
      types: { getTypeParser: () => (value: unknown) => value },
    })
    await client.connect()
    try {
      let output = ''
      for (const statement of code.split(/;$/m).filter((text) => text.trim() !== '')) {
        const { fields, rows } = await client.query({ text: statement, rowMode: 'array' })
        if (fields.length > 0)
          output += `${asPsqlShows(
            fields.map(({ name }) => name),
            rows,
          )}\n`
      }
      return { output, code: null }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      return { output: `ERROR: ${error.message}\nHINT: ${error.hint}\n`, code: 1 }
    } finally {
      await client.end()
    }
  }
}

function asPsqlShows(names: string[], rows: unknown[][]): string {
  const line = (cells: unknown[]) => cells.map((cell) => cell ?? '').join(' | ')
  const count = `(${rows.length} row${rows.length === 1 ? '' : 's'})`
  return [line(names), names.map(() => '-').join('+'), ...rows.map(line), count, ''].join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
