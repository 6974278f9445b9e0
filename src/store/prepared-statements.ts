import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely'
import type pg from 'pg'
import { isOutdated } from './postgres-errors.ts'
import type { Db } from './tables.ts'

const mostPrepared = 100
const keptMs = 86_400_000
/** How long a connection of such a pool may live: what it has prepared stays until its end. */
export const preparingSeconds = keptMs / 1_000

const anew = '/* planned anew */'
/** Begins a statement whose best plan depends on its values: it is not prepared. */
export const plannedAnew = sql.raw(anew)

/**
 * A pool whose connections keep statements prepared: planning takes longer than doing it where little is done at a time.
 * A connection keeps up to a megabyte or two for each, so of many shapes only the first ones are kept; the rest are planned
 * each time. That begins anew each day, for statements that have a day written out.
 * @param clock Unix milliseconds
 */
export function overPreparing(pool: pg.Pool, clock: () => number = Date.now): Db {
  const names = new Map<string, string>()
  let outdated = 0
  let since = clock()
  const nameOf = (text: string) => {
    if (text.startsWith(anew)) return undefined
    if (clock() - since >= keptMs) {
      names.clear()
      since = clock()
    }
    const known = names.get(text)
    if (known !== undefined || names.size >= mostPrepared) return known
    const name = createHash('sha1').update(text).digest('hex')
    names.set(text, name)
    return name
  }
  /** On whatever connection it is prepared anew from now on. */
  const rename = (text: string) => {
    outdated += 1
    names.set(text, `${createHash('sha1').update(text).digest('hex')}-${outdated}`)
  }
  const connect = async () => {
    const client = await pool.connect()
    const send = (text: string, values: readonly unknown[]) => {
      const name = nameOf(text)
      return client.query({ ...(name !== undefined && { name }), text, values: [...values] })
    }
    const query = async (text: string, values: readonly unknown[]) => {
      try {
        return await send(text, values)
      } catch (error) {
        if (!isOutdated(error)) throw error
        rename(text)
        // A transaction is over with its first error; the next one finds the new name.
        if (client.getTransactionStatus() !== 'I') throw error
        return send(text, values)
      }
    }
    return { query, release: () => client.release() } as unknown as PostgresPoolClient
  }
  return new Kysely({ dialect: new PostgresDialect({ pool: { options: {}, connect, end: () => pool.end() } }) })
}
