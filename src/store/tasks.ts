import { sql } from 'kysely'
import { takesRuns } from './nodes.ts'
import type { Db } from './tables.ts'

/** What the catalogue says of a task. */
export interface PublishedTask {
  readonly name: string
  readonly description: string
  /** JSON Schema. */
  readonly payloadSchema: unknown
}

/** Enters tasks into the catalogue, so that schedules can name them. */
export async function publishTasks(db: Db, tasks: readonly PublishedTask[]): Promise<void> {
  if (tasks.length === 0) return
  // In one order everywhere, so that workers that start together don't deadlock.
  const inOrder = tasks.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  await sql`
    insert into pgbeat.tasks (name, description, payload_schema)
    select * from unnest(
      ${inOrder.map(({ name }) => name)}::text[],
      ${inOrder.map(({ description }) => description)}::text[],
      ${inOrder.map(({ payloadSchema }) => JSON.stringify(payloadSchema))}::jsonb[]
    )
    on conflict (name) do update set
      description = excluded.description, payload_schema = excluded.payload_schema, published_at = now()`.execute(db)
}

/** The tasks that live workers have, those left out that drain: they begin nothing. */
export async function listLiveTasks(db: Db): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select distinct unnest(tasks) as name from pgbeat.nodes n
    where ${takesRuns}`.execute(db)
  return new Set(rows.map(({ name }) => name))
}

/** The JSON Schemas of the tasks' payloads, as text; null where a task has none. */
export async function listPayloadSchemas(db: Db): Promise<Map<string, string | null>> {
  const { rows } = await sql<{ name: string; schema: string | null }>`
    select name, payload_schema::text as schema from pgbeat.tasks`.execute(db)
  return new Map(rows.map(({ name, schema }) => [name, schema]))
}
/** A row of `pgbeat.tasks`, and who can run it. */
export interface TaskRow {
  readonly name: string
  readonly description: string
  /** JSON Schema; null when unknown. */
  readonly payload_schema: unknown
  readonly published_at: Date
  /** How many workers that are alive, and don't drain, run it. */
  readonly live_workers: number
  /** How many schedules name it; null when that is not known. */
  readonly schedules: number | null
  readonly schedules_is_estimated: boolean
}

/**
 * The catalogue. Up to 10,000 schedules are counted; of more, Postgres' statistics say how they are spread over the tasks,
 * if not of the rarest.
 */
export async function listTasks(db: Db): Promise<TaskRow[]> {
  const { rows } = await sql<TaskRow>`
    with sample as materialized (
      select task_name from pgbeat.schedules limit ${mostCounted + 1}
    ), size as materialized (
      select count(*) > ${mostCounted} as is_large, count(*) from sample
    ), counted as (
      select task_name, count(*)::float8 as schedules from sample where not (select is_large from size) group by task_name
    ), estimated as (
      select task_name, round(share * greatest(c.reltuples, size.count))::float8 as schedules
      from size join pg_class c on c.oid = 'pgbeat.schedules'::regclass
      join pg_stats p on p.schemaname = 'pgbeat' and p.tablename = 'schedules' and p.attname = 'task_name',
      unnest(p.most_common_vals::text::text[], p.most_common_freqs) as common(task_name, share)
      where is_large
    )
    select name, description, payload_schema, published_at,
      (select count(*)::int from pgbeat.nodes n
       where ${takesRuns} and t.name = any(n.tasks)) as live_workers,
      case when is_large then estimated.schedules else coalesce(counted.schedules, 0) end as schedules,
      is_large as schedules_is_estimated
    from pgbeat.tasks t cross join size
    left join counted on counted.task_name = t.name left join estimated on estimated.task_name = t.name
    order by name`.execute(db)
  return rows
}

const mostCounted = 10_000
