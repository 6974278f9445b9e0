import { sql } from 'kysely'
import { isAlive } from './nodes.ts'
import type { Db } from './tables.ts'

/** Of a task no more schedules are counted. */
export const mostUncoveredCounted = 1_000
const mostTasks = 1_000

export interface TaskCoverage {
  readonly name: string
  readonly has_live_worker: boolean
  /** Schedules that will fire it, counted up to 1,000; where a live worker has it they aren't counted: null. */
  readonly schedules: number | null
}

/**
 * The tasks that schedules name or that are in the catalogue, by name, at most 1,000 of each. One step of the index for
 * each task, however many schedules it has.
 */
export async function listTaskCoverage(db: Db): Promise<TaskCoverage[]> {
  const { rows } = await sql<TaskCoverage>`
    with recursive named as (
      (select task_name from pgbeat.schedule_search order by task_name limit 1)
      union all
      select (
        select task_name from pgbeat.schedule_search where task_name > before.task_name order by task_name limit 1)
      from named before where before.task_name is not null
    ), known as (
      (select task_name as name from named where task_name is not null limit ${sql.lit(mostTasks)})
      union
      (select name from pgbeat.tasks order by name limit ${sql.lit(mostTasks)})
    ), live as materialized (
      select distinct unnest(tasks) as name from pgbeat.nodes n where kind = 'worker' and ${isAlive}
    )
    select known.name, live.name is not null as has_live_worker,
      case when live.name is null then (
        select count(*)::int
        from (
          select from pgbeat.schedule_search f join pgbeat.schedules s on s.id = f.schedule_id
          where f.task_name = known.name and s.enabled and s.error is null
            and s.next_run_at is distinct from 'infinity'
          limit ${sql.lit(mostUncoveredCounted)}
        ) counted
      ) end as schedules
    from known left join live on live.name = known.name
    order by known.name`.execute(db)
  return rows
}
