import { sql } from 'kysely'
import { hasTable, readForeign } from './read-foreign.ts'

/** A schedule of pg-boss, and the queue that it sends to. */
export interface BossSchedule {
  readonly schedule: {
    readonly name: string
    readonly key?: string
    readonly kind?: string
    readonly cron: string
    readonly timezone: string | null
    readonly data: unknown
    readonly options: Readonly<Record<string, unknown>> | null
  }
  readonly queue: {
    readonly policy?: string
    readonly retry_limit?: number
    readonly retry_delay?: number
    readonly expire_seconds?: number
    readonly dead_letter?: string | null
  } | null
}

/** By name; null where there is no pg-boss in the schema. */
export async function readPgBoss(connectionString: string, schema: string): Promise<BossSchedule[] | null> {
  return readForeign(connectionString, async (db) => {
    const table = (name: string) => sql.id(schema, name)
    if (!(await hasTable(db, `"${schema.replaceAll('"', '""')}".schedule`))) return null
    const { rows } = await sql<BossSchedule>`
      select to_jsonb(s) as schedule, to_jsonb(q) as queue
      from ${table('schedule')} s left join ${table('queue')} q on q.name = s.name
      order by to_jsonb(s) ->> 'name' collate "C", to_jsonb(s) ->> 'key' collate "C"`.execute(db)
    return rows
  })
}
