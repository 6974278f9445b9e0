import { sql } from 'kysely'
import { readBounded } from './bounded-read.ts'
import { takesRuns } from './nodes.ts'
import type { Db } from './tables.ts'

/** The runs of a task that are not over, and who can run them. */
interface TaskQueue {
  readonly task_name: string
  readonly waiting: number
  readonly queued: number
  readonly running: number
  readonly retrying: number
  /** Seconds that the run which has been queued for longest could have started; null = none is queued. */
  readonly oldest_queued_seconds: number | null
  readonly live_workers: number
  /** How many more runs these workers could begin at once, of whichever of their tasks; null = not known. */
  readonly free_slots: number | null
}

export interface Queue {
  readonly tasks: TaskQueue[]
  /** There are more runs than were counted: the counts are lower bounds. */
  readonly is_bounded: boolean
}

/** Of each kind no more are counted. */
const most = sql.lit(10_000)

/** How many runs wait for what, by task: those of the catalogue, and whatever else is queued. */
export async function readQueue(db: Db): Promise<Queue> {
  return readBounded(db, async (trx) => {
    const { rows } = await sql<{ tasks: TaskQueue[] | null; is_bounded: boolean }>`
      with clock as materialized (select pgbeat.clock() as now), under_way as materialized (
        select task_name, status, greatest(queued_at, next_attempt_at) as ready_at
        from pgbeat.runs where status in ('queued', 'running', 'retrying')
        order by schedule_id limit ${most}
      ), waiting as materialized (
        select task_name from pgbeat.runs where status = 'waiting' order by schedule_id limit ${most}
      ), counted as (
        select task_name,
          count(*) filter (where status = 'queued') as queued,
          count(*) filter (where status = 'running') as running,
          count(*) filter (where status = 'retrying') as retrying,
          min(ready_at) filter (where status = 'queued') as oldest
        from under_way group by task_name
      ), counted_waiting as (
        select task_name, count(*) as waiting from waiting group by task_name
      ), begun as materialized (
        select node_id from pgbeat.runs where status = 'running' order by node_id limit ${most}
      ), worker as materialized (
        select n.tasks, greatest(0, n.concurrency - (select count(*) from begun b where b.node_id = n.id)) as free
        from pgbeat.nodes n where ${takesRuns}
      ), names as (
        select name as task_name from pgbeat.tasks
        union select task_name from counted union select task_name from counted_waiting
      ), queue as (
        select task_name,
          coalesce(waiting, 0) as waiting, coalesce(queued, 0) as queued, coalesce(running, 0) as running,
          coalesce(retrying, 0) as retrying,
          case when oldest is not null then greatest(0, extract(epoch from (select now from clock) - oldest)) end
            as oldest_queued_seconds,
          (select count(*) from worker where task_name = any(tasks)) as live_workers,
          case when (select count(*) from begun) < ${most} then
            (select coalesce(sum(free), 0) from worker where task_name = any(tasks)) end as free_slots
        from names left join counted using (task_name) left join counted_waiting using (task_name)
      )
      select (select json_agg(queue order by task_name) from queue) as tasks,
        (select count(*) from under_way) = ${most} or (select count(*) from waiting) = ${most} as is_bounded`.execute(
      trx,
    )
    return { tasks: rows[0]?.tasks ?? [], is_bounded: rows[0]?.is_bounded ?? false }
  })
}
