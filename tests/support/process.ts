import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** One line of what a process says, parsed; what is not JSON is a line with a `msg` alone. */
export interface LogLine {
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What `pgbeat` is to run, or else a script or a launcher, which finds the same environment. */
export type Program = 'tick' | 'worker' | 'api' | URL

export interface ProcessOptions {
  readonly program: Program
  readonly connectionString: string
  /** Besides what pgbeat needs; it wins. */
  readonly env?: Readonly<Record<string, string>>
  /** Told of every line, of each of its lives. */
  readonly onLine?: (line: LogLine) => void
  /** Told of the end of each of its lives, and what it had said on standard error. */
  readonly onExit?: (exit: Exit, errors: string) => void
}

type Matches = (line: LogLine) => boolean

/** A message, or what a line must be like. */
type Wanted = string | Matches

interface Waiter {
  readonly matches: Matches
  readonly resolve: (line: LogLine) => void
  readonly reject: (error: Error) => void
}

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const endWithParent = new URL('./end-with-parent.ts', import.meta.url).href

/** A worker as `pgbeat worker` is one, with tasks that only tests want. */
export const testWorker = new URL('./worker.ts', import.meta.url)

/** What runs now. A process that is stopped by SIGSTOP does not see that its parent has gone. */
const children = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A program of the cluster in a process of its own, with what can happen to processes. */
export class Process {
  readonly #options: ProcessOptions
  readonly #waiters = new Set<Waiter>()
  #child!: ChildProcessWithoutNullStreams
  #lines: LogLine[] = []
  #errors = ''
  #exited!: Promise<Exit>

  constructor(options: ProcessOptions) {
    this.#options = options
    this.#start()
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves when the process is over; after a restart, the one that runs now. */
  get exited(): Promise<Exit> {
    return this.#exited
  }

  /** What it has said on standard error since it started. */
  get errors(): string {
    return this.#errors
  }

  /**
   * The next log line that matches, from now on.
   * @throws when the process ends before it comes
   */
  next(wanted: Wanted, and?: Matches): Promise<LogLine> {
    const matches = matcher(wanted, and)
    return new Promise((resolve, reject) => this.#waiters.add({ matches, resolve, reject }))
  }

  /**
   * The first log line that matches since the process started.
   * @throws when the process ends before it comes
   */
  async logged(wanted: Wanted, and?: Matches): Promise<LogLine> {
    const matches = matcher(wanted, and)
    return this.#lines.find(matches) ?? this.next(matches)
  }

  /** Sends a signal and waits for the end, which a frozen process puts off until it is thawed, except from SIGKILL. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#child.kill(signal)
    return this.#exited
  }

  /** Tells it to end; resolves with its exit code, which one that a signal ended has not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return (await this.kill(signal)).code
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Starts the program anew, once the signal has ended it; one that is over already is only started. */
  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.kill(signal)
    this.#start()
  }

  #start(): void {
    const { program, connectionString, env, onLine, onExit } = this.#options
    const [file, ...args] = commandOf(program)
    // So that a launcher hands it on.
    const NODE_OPTIONS = `--import ${endWithParent}`
    const settings = { NODE_OPTIONS, DATABASE_URL: connectionString, PGBEAT_PORT: '0', PGBEAT_LOG_LEVEL: 'debug' }
    const child = spawn(file, args, { env: { PATH: process.env.PATH, ...settings, ...env } })
    this.#child = child
    this.#lines = []
    this.#errors = ''
    createInterface(child.stdout).on('line', (text) => {
      const line = parse(text)
      this.#hear(line)
      onLine?.(line)
    })
    child.stderr.on('data', (text) => {
      this.#errors += text
    })
    // Its end breaks the pipe, which is no failure.
    child.stdin.on('error', () => {})
    children.add(child)
    this.#exited = once(child, 'close').then(([code, signal]) => {
      children.delete(child)
      this.#leaveWaiting({ code, signal })
      onExit?.({ code, signal }, this.#errors)
      return { code, signal }
    })
  }

  #hear(line: LogLine): void {
    this.#lines.push(line)
    for (const waiter of this.#waiters) {
      if (!waiter.matches(line)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(line)
    }
  }

  #leaveWaiting(exit: Exit): void {
    const error = new Error(this.#describe(exit))
    for (const { reject } of this.#waiters) reject(error)
    this.#waiters.clear()
  }

  #describe({ code, signal }: Exit): string {
    const { program } = this.#options
    return `${program} ended with ${signal ?? code} and never said what was waited for. ${this.#errors}`
  }
}

/** Starts a process that is killed when the test is over. */
export function startProcess(
  t: Pick<Test, 'teardown'>,
  program: Program,
  connectionString: string,
  env: Readonly<Record<string, string>> = {},
): Process {
  const process = new Process({ program, connectionString, env })
  t.teardown(() => process.kill())
  return process
}

function commandOf(program: Program): [string, ...string[]] {
  if (!(program instanceof URL)) return [process.execPath, main, program]
  const path = fileURLToPath(program)
  return path.endsWith('.ts') ? [process.execPath, path] : [path]
}

function matcher(wanted: Wanted, and: Matches = () => true): Matches {
  return typeof wanted === 'string' ? (line) => line.msg === wanted && and(line) : wanted
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line)
  } catch {
    return { msg: line }
  }
}
