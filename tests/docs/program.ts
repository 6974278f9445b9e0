import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program in a process group of its own. */
export class Program {
  readonly exited: Promise<number | null>
  output = ''
  readonly #child: ChildProcess
  #changed = Promise.withResolvers<void>()

  constructor([file, ...args]: readonly [string, ...string[]], cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    }
    this.exited = once(this.#child, 'close').then(([code]) => {
      this.#hear('')
      return code
    })
  }

  /**
   * The first match in what it has printed.
   * @throws when it ends before
   */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output)
      if (found) return found
      if (!this.#isAlive) throw new Error(`it ended and never printed ${pattern}:\n${this.output}`)
      await this.#changed.promise
    }
  }

  /**
   * What something comes to while this goes on.
   * @throws when it ends before
   */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    const ended = this.exited.then((code) => Promise.reject(new Error(`it ended with ${code}:\n${this.output}`)))
    ended.catch(() => {})
    return Promise.race([work, ended])
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#isAlive && this.#child.pid !== undefined) process.kill(-this.#child.pid, signal)
    return this.exited
  }

  get #isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  #hear(text: string): void {
    this.output += text
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
