import { sql } from 'kysely'
import { workerDeadAfterMs } from './nodes.ts'
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

/** The tasks that live workers have. */
export async function listLiveTasks(db: Db): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select distinct unnest(tasks) as name from pgbeat.nodes
    where kind = 'worker' and heartbeat_at > clock_timestamp() - ${workerDeadAfterMs} * interval '1 millisecond'`.execute(db)
  return new Set(rows.map(({ name }) => name))
}

/** The JSON Schema of a task's payload; null where it has none. */
export async function payloadSchemaOf(db: Db, taskName: string): Promise<unknown> {
  const { rows } = await sql<{ payload_schema: unknown }>`
    select payload_schema from pgbeat.tasks where name = ${taskName}`.execute(db)
  return rows[0]?.payload_schema ?? null
}
