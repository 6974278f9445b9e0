import type { Running } from '../../running.ts'
import { findKeyByHash, hasKeys } from '../../store/api-keys.ts'
import { isUnavailable } from '../../store/postgres-errors.ts'
import type { Db } from '../../store/tables.ts'
import { hashOf, isToken } from './api-token.ts'
import { LastUses, type LastUsesOptions } from './last-uses.ts'
import type { Role } from './roles.ts'
import { ShortMemory } from './short-memory.ts'

/** Who sends a request. */
export interface Identity {
  readonly keyId: string
  readonly name: string
  readonly role: Role
}

export interface KeyRingOptions extends Partial<LastUsesOptions> {
  /** How long an answer of the database is taken for true without being told of changes. */
  readonly trustMs?: number
  /** How many keys are remembered, and how many tokens that are none; each on its own, so that these push out no key. */
  readonly size?: number
}

/**
 * Whose token it is that comes with a request, answered from memory as a rule. What is remembered is forgotten when
 * `forget` is called, for every change of a key, and after some seconds anyway, for a notification may be lost.
 * While the database is away, what it said last holds; nothing but this process's own figures can be had then anyway.
 */
export class KeyRing implements Running {
  readonly #db: Db
  readonly #now: () => number
  readonly #trustMs: number
  readonly #size: number
  readonly #lastUses: LastUses
  #memory: Memory

  constructor(db: Db, options: KeyRingOptions = {}) {
    const { now = () => performance.now(), trustMs = 5_000, size = 10_000 } = options
    const { writeAfterMs = 10_000, onError = () => {} } = options
    this.#db = db
    this.#now = now
    this.#trustMs = trustMs
    this.#size = size
    this.#lastUses = new LastUses(db, { now, writeAfterMs, onError })
    this.#memory = new Memory(size)
  }

  /** Whose token it is; null when it belongs to no key, or to one that is revoked or has expired. Counts as a use. */
  async identify(token: string): Promise<Identity | null> {
    if (!isToken(token)) return null
    const hash = hashOf(token)
    const question = toQuestion(hash)
    const { keys, strangers } = this.#memory
    const identity =
      keys.get(question, this.#now()) ??
      (strangers.get(question, this.#now())
        ? null
        : await this.#memory.ask(question, () => this.#lookUp(hash, question)).catch(orAsBefore(keys.recall(question))))
    if (identity !== null) this.#lastUses.record(identity.keyId)
    return identity
  }

  /**
   * Whose token it was when that was last asked, from memory alone. For fairness between clients, not for access: the
   * answer may be out of date, or missing.
   */
  known(token: string): Identity | null {
    return isToken(token) ? (this.#memory.keys.recall(toQuestion(hashOf(token))) ?? null) : null
  }

  /** Whether nobody needs a key, because there never was one. */
  async isOpen(): Promise<boolean> {
    const { open } = this.#memory
    const known = open.get(anyKey, this.#now())
    return known ?? this.#memory.ask(anyKey, () => this.#lookForKeys()).catch(orAsBefore(open.recall(anyKey)))
  }

  /** Takes nothing for true any more, nor what the database is being asked at this moment. */
  forget(): void {
    this.#memory = new Memory(this.#size)
  }

  /** Writes when keys were last used. Happens by itself, in the background. */
  flush(): Promise<void> {
    return this.#lastUses.flush()
  }

  /** Writes the last uses for the last time. */
  stop(): Promise<void> {
    return this.#lastUses.stop()
  }

  async #lookUp(hash: Buffer, question: string): Promise<Identity | null> {
    const { keys, strangers } = this.#memory
    const askedAt = this.#now()
    const found = await findKeyByHash(this.#db, hash)
    if (found === null) {
      keys.delete(question)
      strangers.set(question, true, askedAt + this.#trustMs)
      return null
    }
    const { id, name, role, expiresInMs } = found
    const identity = { keyId: id, name, role }
    keys.set(question, identity, askedAt + Math.min(this.#trustMs, expiresInMs ?? this.#trustMs))
    return identity
  }

  async #lookForKeys(): Promise<boolean> {
    const { open } = this.#memory
    const askedAt = this.#now()
    const isOpen = !(await hasKeys(this.#db))
    open.set(anyKey, isOpen, askedAt + this.#trustMs)
    return isOpen
  }
}

const anyKey = 'any key'

/** What was known before, if the database is away and anything was. */
function orAsBefore<Known>(known: Known | undefined): (error: unknown) => Known {
  return (error) => {
    if (known === undefined || !isUnavailable(error)) throw error
    return known
  }
}

function toQuestion(hash: Buffer): string {
  return hash.toString('base64')
}

/** What is remembered between two times of forgetting. A look-up writes to the memory that it began with. */
class Memory {
  readonly keys: ShortMemory<Identity>
  readonly strangers: ShortMemory<true>
  readonly open = new ShortMemory<boolean>(1)
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(size: number) {
    this.keys = new ShortMemory(size)
    this.strangers = new ShortMemory(size)
  }

  /** Those who ask the same at the same time share one answer. */
  ask<Answer>(question: string, lookUp: () => Promise<Answer>): Promise<Answer> {
    const shared = this.#underWay.get(question) as Promise<Answer> | undefined
    if (shared !== undefined) return shared
    const answer = lookUp().finally(() => this.#underWay.delete(question))
    this.#underWay.set(question, answer)
    return answer
  }
}
