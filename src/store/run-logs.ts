import { type Selectable, sql } from 'kysely'
import pg from 'pg'
import type { Page } from './page.ts'
import { isLocked, isUnavailable } from './postgres-errors.ts'
import type { Db, LogLevel, RunLogsTable } from './tables.ts'

/** A line of a run's log, as it is kept. */
export type RunLogLine = Omit<Selectable<RunLogsTable>, 'run_id' | 'scheduled_for'>

/** A line to be kept. */
export interface NewLogLine {
  readonly runId: string
  /** Postgres' own text, to the microsecond. */
  readonly scheduledFor: string
  readonly attempt: number
  /** From 1, in the order in which the attempt logged. */
  readonly line: number
  /** Unix milliseconds. */
  readonly loggedAtMs: number
  readonly level: LogLevel
  readonly message: string
  /** JSON. */
  readonly fields: string | null
}

/** Keeps lines, of many runs if need be; those that are kept already stay as they are. */
export async function insertRunLogs(db: Db, lines: readonly NewLogLine[]): Promise<void> {
  await sql`
    select pgbeat.add_run_logs(
      ${lines.map(({ runId }) => runId)}::bigint[],
      ${lines.map(({ scheduledFor }) => scheduledFor)}::timestamptz[],
      ${lines.map(({ attempt }) => attempt)}::smallint[],
      ${lines.map(({ line }) => line)}::integer[],
      array(select to_timestamp(ms / 1000) from unnest(${lines.map(({ loggedAtMs }) => loggedAtMs)}::float8[]) as ms),
      ${lines.map(({ level }) => level)}::text[],
      ${lines.map(({ message }) => message)}::text[],
      ${lines.map(({ fields }) => fields)}::jsonb[])`.execute(db)
}

/** Whether an error of `insertRunLogs` is about the lines, and not about when they came. */
export function isRefusedLog(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !isUnavailable(error) && !isLocked(error)
}

/** Where a part of a log ends: the attempt of its last line, and the line's number in it. */
export type RunLogKey = Pick<RunLogLine, 'attempt' | 'line'>

export interface RunLogPart {
  /** Begin after this one. */
  readonly after?: RunLogKey | undefined
  /** Only what this one logged. */
  readonly attempt?: number | undefined
  readonly limit: number
}

/**
 * A part of the log of a run, in the order of its attempts.
 * @param scheduledFor the run's; only the day that it is on is read
 */
export async function listRunLogs(
  db: Db,
  runId: string,
  scheduledFor: Date,
  { after, attempt, limit }: RunLogPart,
): Promise<Page<RunLogLine, RunLogKey>> {
  const at = scheduledFor.toISOString()
  const found = await db
    .selectFrom('pgbeat.run_logs')
    .select(['attempt', 'line', 'logged_at', 'level', 'message', 'fields'])
    .where('run_id', '=', runId)
    // A Date has no microseconds, and the instants of manual runs do.
    .where('scheduled_for', '>=', sql<Date>`${at}::timestamptz`)
    .where('scheduled_for', '<', sql<Date>`${at}::timestamptz + interval '1 millisecond'`)
    .$if(attempt !== undefined, (query) => query.where('attempt', '=', attempt as number))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(attempt, line) > (${after?.attempt}::smallint, ${after?.line}::integer)`),
    )
    .orderBy('attempt')
    .orderBy('line')
    .limit(limit + 1)
    .execute()
  const rows = found.slice(0, limit)
  const last = found.length > limit ? rows.at(-1) : undefined
  return { rows, next: last === undefined ? null : { attempt: last.attempt, line: last.line } }
}
