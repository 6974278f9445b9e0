import { sql } from 'kysely'
import { isAlive } from './nodes.ts'
import type { Db } from './tables.ts'

/** No more schedules are looked at. */
const mostLookedAt = 250_000

export interface TaskCoverage {
  /** How many tasks live workers have. */
  readonly covered: number
  /** How many tasks of the catalogue no live worker has. */
  readonly without_worker: number
  /** Those that schedules will fire, and how many of the first 250,000 schedules do. */
  readonly uncovered: { readonly name: string; readonly schedules: number }[]
}

export async function readTaskCoverage(db: Db): Promise<TaskCoverage> {
  const { rows } = await sql<TaskCoverage>`
    with live as materialized (
      select distinct unnest(tasks) as name from pgbeat.nodes n where kind = 'worker' and ${isAlive}
    ), uncovered as (
      select task_name as name, count(*)::int as schedules
      from (select * from pgbeat.schedules limit ${sql.lit(mostLookedAt)}) s
      where enabled and error is null and next_run_at is distinct from 'infinity'
        and not exists (select from live where live.name = s.task_name)
      group by task_name
    )
    select (select count(*)::int from live) as covered,
      (select count(*)::int from pgbeat.tasks where name not in (select name from live)) as without_worker,
      coalesce((select json_agg(uncovered order by schedules desc, name) from uncovered), '[]') as uncovered`.execute(
    db,
  )
  return rows[0] as TaskCoverage
}
