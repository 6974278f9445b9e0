import type pg from 'pg'
import type { Running } from '../running.ts'
import { openSession, overSession } from './database.ts'
import type { Db } from './tables.ts'

/**
 * Asks Postgres something now and then, on a session of its own, with little patience: a session that does not answer is
 * given up, and the question put again on a new one.
 */
export class Probe implements Running {
  readonly #connectionString: string
  readonly #applicationName: string
  readonly #patienceMs: number
  #session: Promise<pg.Client> | undefined
  readonly #underWay = new Map<unknown, Promise<unknown>>()
  /** One question at a time. */
  #turn: Promise<unknown> = Promise.resolve()

  /** @param patienceMs for an answer, after which there is one more try */
  constructor(connectionString: string, applicationName: string, patienceMs: number) {
    this.#connectionString = connectionString
    this.#applicationName = applicationName
    this.#patienceMs = patienceMs
  }

  /** undefined when there is no answer in time, or an error. Those who ask the same at the same time share the answer. */
  ask<Answer>(question: (db: Db) => Promise<Answer>): Promise<Answer | undefined> {
    const shared = this.#underWay.get(question) as Promise<Answer | undefined> | undefined
    if (shared !== undefined) return shared
    const asked = this.#turn
      .then(async () => (await this.#try(question)) ?? (await this.#try(question)))
      .finally(() => this.#underWay.delete(question))
    this.#underWay.set(question, asked)
    this.#turn = asked
    return asked
  }

  async stop(): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    await session?.end()
  }

  async #try<Answer>(question: (db: Db) => Promise<Answer>): Promise<Answer | undefined> {
    this.#session ??= openSession(this.#connectionString, this.#applicationName)
    const session = this.#session
    const { promise: outOfPatience, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(reject, this.#patienceMs, new Error('no answer'))
    try {
      return await Promise.race([session.then((client) => question(overSession(client))), outOfPatience])
    } catch {
      if (this.#session === session) this.#session = undefined
      session.then((client) => client.end()).catch(() => {})
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }
}
