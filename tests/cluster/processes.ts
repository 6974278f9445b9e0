import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One line of what a process says, parsed; what is not JSON is a line with a `msg` alone. */
export interface LogLine {
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProcessOptions {
  /** What `pgbeat` is to run, or a script of the test's own, which finds the same environment. */
  readonly program: 'tick' | 'worker' | 'api' | URL
  readonly connectionString: string
  /** Besides what pgbeat needs; it wins. */
  readonly env?: Readonly<Record<string, string>>
  /** Told of every line, of each of its lives. */
  readonly onLine?: (line: LogLine) => void
}

type Matches = (line: LogLine) => boolean

interface Waiter {
  readonly matches: Matches
  readonly resolve: (line: LogLine) => void
  readonly reject: (error: Error) => void
}

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const endWithParent = new URL('./end-with-parent.ts', import.meta.url).href

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
  next(matches: Matches): Promise<LogLine> {
    return new Promise((resolve, reject) => this.#waiters.add({ matches, resolve, reject }))
  }

  /**
   * The first log line that matches since the process started.
   * @throws when the process ends before it comes
   */
  async logged(matches: Matches): Promise<LogLine> {
    return this.#lines.find(matches) ?? this.next(matches)
  }

  /** Sends a signal and waits for the end, which a frozen process puts off until it is thawed, except from SIGKILL. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#child.kill(signal)
    return this.#exited
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
    const { program, connectionString, env, onLine } = this.#options
    const command = program instanceof URL ? [fileURLToPath(program)] : [main, program]
    const settings = { DATABASE_URL: connectionString, PGBEAT_PORT: '0', PGBEAT_LOG_LEVEL: 'debug' }
    const child = spawn(process.execPath, ['--import', endWithParent, ...command], {
      env: { PATH: process.env.PATH, ...settings, ...env },
    })
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

function parse(line: string): LogLine {
  try {
    return JSON.parse(line)
  } catch {
    return { msg: line }
  }
}
