import { sql } from 'kysely'
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
