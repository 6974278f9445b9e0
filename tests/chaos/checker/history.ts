import type pg from 'pg'

// What is judged, as plain SQL finds it. Instants are Unix milliseconds; what the database's clock says in microseconds
// has a fraction.

export interface History {
  /** In their order. */
  readonly creations: readonly Creation[]
  /** In their order. */
  readonly events: readonly ScheduleEvent[]
  /** In the order of their instants. */
  readonly runs: readonly Run[]
  readonly attempts: readonly Attempt[]
  /** Stretches whose missed run is not written yet. */
  readonly lapses: readonly Lapse[]
  /** In the order in which they happened. */
  readonly effects: readonly Effect[]
}

/** When the transaction began that made a schedule: from then on it holds, and an interval is counted from there. */
interface Creation {
  readonly scheduleId: string
  readonly at: number
}

export interface ScheduleEvent {
  readonly scheduleId: string
  readonly scheduleName: string
  readonly type: string
  readonly changes: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>
  readonly occurredAt: number
}

export interface Run {
  readonly id: string
  readonly scheduleId: string
  readonly scheduleName: string
  readonly scheduledFor: number
  readonly origin: string
  readonly status: string
  readonly reason: string | null
  readonly missedSince: number | null
  readonly missedCount: number | null
  /** The latest one; 0 before the first. */
  readonly attempt: number
  readonly queuedAt: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly hasError: boolean
}

export interface Attempt {
  readonly runId: string
  readonly attempt: number
  readonly status: string
  readonly finishedAt: number | null
}

interface Lapse {
  readonly scheduleId: string
  readonly scheduleName: string
  readonly since: number
  /** Exclusive. */
  readonly until: number
  readonly reason: string
}

/** What the task itself wrote, in a transaction of its own. */
export interface Effect {
  readonly runId: string
  readonly scheduleId: string
  readonly scheduledFor: number
  readonly attempt: number
  readonly phase: 'begun' | 'done'
  readonly at: number
}

/**
 * Makes the table that the task writes to, by which the ledger can be told to be wrong, and has the beginnings of
 * schedules written down, for they go with a schedule that is deleted. To be called before there are any.
 */
export async function createEffects(pool: pg.Pool): Promise<void> {
  await pool.query(`
    create schema chaos;
    create table chaos.effects (
      id bigint generated always as identity primary key,
      run_id bigint not null,
      schedule_id uuid not null,
      scheduled_for timestamptz not null,
      attempt integer not null,
      node text not null,
      phase text not null check (phase in ('begun', 'done')),
      at timestamptz not null default clock_timestamp()
    );
    create table chaos.creations (schedule_id uuid not null, at timestamptz not null);
    create function chaos.note_creation() returns trigger language plpgsql as $$
    begin
      insert into chaos.creations (schedule_id, at) values (new.id, new.created_at);
      return null;
    end $$;
    create trigger note_creation after insert on pgbeat.schedules for each row execute function chaos.note_creation()`)
}

/** Reads everything as it is at one moment. */
export async function readHistory(pool: pg.Pool): Promise<History> {
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const history = await selectHistory(client)
    await client.query('commit')
    return history
  } finally {
    // Not to be used again, for it may be in the middle of a transaction that failed.
    client.release(true)
  }
}

/** Reads what the client's transaction sees. */
export async function selectHistory(client: pg.ClientBase): Promise<History> {
  const select = async <Row extends pg.QueryResultRow>(text: string) => (await client.query<Row>(text)).rows
  return {
    creations: await select<Creation>(
      `select schedule_id as "scheduleId", ${milliseconds('at')} as at from chaos.creations order by at`,
    ),
    events: await select<ScheduleEvent>(`
      select schedule_id as "scheduleId", schedule_name as "scheduleName", event_type as type, changes,
        ${milliseconds('occurred_at')} as "occurredAt"
      from pgbeat.schedule_events order by id`),
    runs: await select<Run>(`
      select id, schedule_id as "scheduleId", schedule_name as "scheduleName",
        ${milliseconds('scheduled_for')} as "scheduledFor", origin, status, reason,
        ${milliseconds('missed_since')} as "missedSince", missed_count as "missedCount", attempt,
        ${milliseconds('queued_at')} as "queuedAt", ${milliseconds('started_at')} as "startedAt",
        ${milliseconds('finished_at')} as "finishedAt", error is not null as "hasError"
      from pgbeat.runs order by scheduled_for, id`),
    attempts: await select<Attempt>(`
      select run_id as "runId", attempt, status, ${milliseconds('finished_at')} as "finishedAt"
      from pgbeat.attempts order by run_id, attempt`),
    lapses: await select<Lapse>(`
      select schedule_id as "scheduleId", schedule_name as "scheduleName", ${milliseconds('since')} as since,
        ${milliseconds('until')} as until, reason
      from pgbeat.lapses order by id`),
    effects: await select<Effect>(`
      select run_id as "runId", schedule_id as "scheduleId", ${milliseconds('scheduled_for')} as "scheduledFor",
        attempt, phase, ${milliseconds('at')} as at
      from chaos.effects order by at, id`),
  }
}

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`
