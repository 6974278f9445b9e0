import { type CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { overPool } from '../../src/store/database.ts'

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: Plan[]
}

/** A database that keeps what it is asked, and which tables of some size the planner would read from end to end. */
export function explaining(pool: pg.Pool) {
  const asked: CompiledQuery[] = []
  const db: ReturnType<typeof overPool> = new Kysely({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => void asked.push(query),
  })
  async function plannedFor(ask: () => Promise<unknown>): Promise<Plan[]> {
    asked.length = 0
    await ask()
    const found: Plan[] = []
    for (const { sql, parameters } of asked) {
      const { rows } = await pool.query(`explain (format json) ${sql}`, [...parameters])
      found.push(...nodes(rows[0]['QUERY PLAN'][0].Plan))
    }
    return found
  }
  return {
    db,
    async readFromEndToEnd(ask: () => Promise<unknown>): Promise<string[]> {
      const planned = await plannedFor(ask)
      const { rows } = await pool.query<{ relname: string }>(
        `select relname from pg_class where relkind = 'r' and pg_relation_size(oid) > 500000`,
      )
      const large = new Set(rows.map(({ relname }) => relname))
      const scans = planned.filter((node) => node['Node Type'] === 'Seq Scan')
      return scans.map((node) => node['Relation Name'] ?? '').filter((name) => large.has(name))
    },
    /** Of the plans that are kept for all values. */
    async indexesOfGenericPlans(ask: () => Promise<unknown>): Promise<string[]> {
      asked.length = 0
      await ask()
      const found: Plan[] = []
      for (const { sql } of asked) {
        const { rows } = await pool.query(`explain (generic_plan, format json) ${sql}`)
        found.push(...nodes(rows[0]['QUERY PLAN'][0].Plan))
      }
      return found.flatMap((node) => node['Index Name'] ?? [])
    },
    /** Of which more than an index is read. */
    async tablesReadByRow(ask: () => Promise<unknown>): Promise<string[]> {
      const planned = await plannedFor(ask)
      return planned
        .filter((node) => node['Node Type'] !== 'Index Only Scan')
        .flatMap((node) => node['Relation Name'] ?? [])
    },
    async tablesRead(ask: () => Promise<unknown>): Promise<string[]> {
      return (await plannedFor(ask)).flatMap((node) => node['Relation Name'] ?? [])
    },
  }
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)]
}
