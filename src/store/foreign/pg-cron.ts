import { sql } from 'kysely'
import { hasTable, readForeign } from './read-foreign.ts'

export interface CronJob {
  readonly jobid: number
  readonly jobname?: string | null
  readonly schedule: string
  readonly command: string
  readonly nodename: string
  readonly database: string
  readonly username: string
  readonly active?: boolean
}

export interface CronJobs {
  readonly jobs: readonly CronJob[]
  /** What its schedules are read in. */
  readonly timezone: string
  /** The database that this is. */
  readonly database: string
}

/** In the order in which they were made; null where pg_cron isn't. */
export async function readPgCron(connectionString: string): Promise<CronJobs | null> {
  return readForeign(connectionString, async (db) => {
    if (!(await hasTable(db, 'cron.job'))) return null
    const { rows } = await sql<{ job: CronJob }>`select to_jsonb(j) as job from cron.job j order by jobid`.execute(db)
    const { rows: settings } = await sql<{ timezone: string | null; database: string }>`
      select current_setting('cron.timezone', true) as timezone, current_database() as database`.execute(db)
    const { timezone, database } = settings[0] ?? { timezone: null, database: '' }
    // Before 1.5 it could not be set.
    return { jobs: rows.map(({ job }) => job), timezone: timezone || 'GMT', database }
  })
}
