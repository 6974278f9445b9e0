// What a task logs, on its way to the database. Lines are made ready when they are logged, kept in memory, and written
// together: a while after the first of them, and before the outcome of the attempt. The task never waits for that, and
// what can't be written changes nothing about its run.

import { inspect } from 'node:util'
import { toJson, toText } from '../store/json.ts'
import { isRefusedLog, type NewLogLine } from '../store/run-logs.ts'
import { describe } from './outcome.ts'

/** What is kept of one attempt. Sizes are in bytes of UTF-8. */
export const limits = { lines: 1_000, bytes: 256 * 1024, messageBytes: 8 * 1024, fieldsBytes: 8 * 1024 } as const

const writeAfterMs = 1_000

export interface RunLogOptions {
  /** The attempt that logs. */
  readonly attempt: Pick<NewLogLine, 'runId' | 'scheduledFor' | 'attempt'>
  /** What time it is, in Unix milliseconds. */
  readonly now: () => number
  /** Keeps lines. Asked again with the same ones after it has rejected. */
  readonly write: (lines: readonly NewLogLine[]) => Promise<void>
  /** How long the first line waits for others to be written with. */
  readonly writeAfterMs?: number
}

/** The log of one attempt. */
export class RunLog {
  readonly #options: RunLogOptions
  #toWrite: NewLogLine[] = []
  #underWay: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #lines = 0
  #bytes = 0
  #leftOut = 0
  #refused = 0
  #isFull = false
  #isEnded = false

  constructor(options: RunLogOptions) {
    this.#options = options
  }

  /** Takes a line, unless the attempt has logged too much already or is over. Never throws. */
  add(level: NewLogLine['level'], message: unknown, fields?: unknown): void {
    if (this.#isEnded) return
    if (this.#isFull) {
      this.#leftOut += 1
      return
    }
    const text = keptMessage(message)
    const json = keptFields(fields)
    const bytes = Buffer.byteLength(text) + Buffer.byteLength(json ?? '')
    if (this.#lines === limits.lines || this.#bytes + bytes > limits.bytes) {
      this.#isFull = true
      this.#leftOut += 1
      return
    }
    this.#bytes += bytes
    this.#push(level, text, json)
    this.#writeSoon()
  }

  /** How many lines are not written, or not yet. */
  get unwritten(): number {
    return this.#toWrite.length
  }

  /** Takes no more lines, and writes what is left as far as that can be done now. Never rejects, and may be repeated. */
  async end(): Promise<void> {
    this.#isEnded = true
    clearTimeout(this.#timer)
    this.#note(this.#leftOut, `${limits.lines} lines and ${limits.bytes / 1024} KiB of an attempt are kept`)
    this.#leftOut = 0
    await this.#write()
    this.#note(this.#refused, 'Postgres refused them')
    this.#refused = 0
    await this.#write()
  }

  #push(level: NewLogLine['level'], message: string, fields: string | null): void {
    this.#lines += 1
    const { attempt, now } = this.#options
    this.#toWrite.push({ ...attempt, line: this.#lines, loggedAtMs: now(), level, message, fields })
  }

  #note(lines: number, why: string): void {
    if (lines > 0) this.#push('warn', `${lines} ${lines === 1 ? 'line was' : 'lines were'} left out: ${why}`, null)
  }

  #writeSoon(): void {
    this.#timer ??= setTimeout(async () => {
      await this.#write()
      this.#timer = undefined
      if (this.#toWrite.length > 0 && !this.#isEnded) this.#writeSoon()
    }, this.#options.writeAfterMs ?? writeAfterMs)
  }

  /** One write at a time; what fails is left for the next. */
  async #write(): Promise<void> {
    await this.#underWay
    if (this.#toWrite.length === 0) return
    this.#underWay = this.#writeAll(this.#toWrite.splice(0))
    await this.#underWay
  }

  async #writeAll(lines: NewLogLine[]): Promise<void> {
    try {
      await this.#options.write(lines)
    } catch (error) {
      if (isRefusedLog(error)) this.#refused += lines.length
      else this.#toWrite.unshift(...lines)
    }
  }
}

function keptMessage(message: unknown): string {
  const text = typeof message === 'string' ? message : inspect(message, { customInspect: false })
  // No character has less than a byte.
  const start = toText(text.slice(0, limits.messageBytes))
  if (text.length <= limits.messageBytes && Buffer.byteLength(start) <= limits.messageBytes) return start
  const ellipsis = '…'
  const bytes = Buffer.from(start).subarray(0, limits.messageBytes - Buffer.byteLength(ellipsis))
  return `${withoutBrokenEnd(bytes)}${ellipsis}`
}

/** Decodes UTF-8 that may have been cut within a character. */
function withoutBrokenEnd(bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true })
}

function keptFields(fields: unknown): string | null {
  try {
    const json = toJson(withErrors(fields))
    const bytes = Buffer.byteLength(json ?? '')
    if (bytes <= limits.fieldsBytes) return json
    return leftOut(`the fields have ${bytes} bytes as JSON, and ${limits.fieldsBytes} are kept`)
  } catch {
    return leftOut("the fields are what JSON can't hold")
  }
}

/** An error is `{}` as JSON. */
function withErrors(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null) return fields
  const entries = Object.entries(fields)
  if (!entries.some(([, value]) => value instanceof Error)) return fields
  return Object.fromEntries(entries.map(([key, value]) => [key, value instanceof Error ? describe(value) : value]))
}

function leftOut(why: string): string {
  return JSON.stringify({ left_out: why })
}
