import type { CatchUp, OverlapPolicy } from '../core/decide.ts'
import { nextInstant } from '../core/timetable.ts'
import {
  callPause,
  callResume,
  callSchedule,
  callTrigger,
  callUnschedule,
  type Queryable,
} from '../store/schedule-calls.ts'
import type { Task } from '../task.ts'

/**
 * When a schedule fires and how, by the names of the columns of `pgbeat.schedules`. What is left out is as for a schedule
 * that is new, even where it was given before; only `enabled` and `pause_note` stay as they are. Durations are ISO 8601 (`PT5M`) or Postgres'
 * text (`5 minutes`), instants a Date or text with an offset.
 */
export interface ScheduleColumns {
  /** Unique; says which schedule is meant. */
  readonly name: string
  /** One of `cron_expression`, `every` and `run_at`; 5 to 7 fields. */
  readonly cron_expression?: string | null
  /** A fixed interval of at least a second. */
  readonly every?: string | null
  /** Once, at this instant. */
  readonly run_at?: Date | string | null
  /** IANA name that `cron_expression` is read in; UTC by default. */
  readonly timezone?: string
  /** Left out, what it is, so that a pause survives a deployment; true for a new schedule. */
  readonly enabled?: boolean
  /** Why it is paused; left out, what it is. */
  readonly pause_note?: string | null
  /** No run before. */
  readonly starts_at?: Date | string | null
  /** No run after. */
  readonly ends_at?: Date | string | null
  /** Finished after so many. */
  readonly max_runs?: number | null
  /** Each run starts up to so much later. */
  readonly jitter?: string | null
  /** What a due run does while an earlier one is active; `skip` by default. */
  readonly overlap_policy?: OverlapPolicy
  /** Which missed instants run afterwards by themselves; `latest` by default. */
  readonly catch_up?: CatchUp
  /** How old a missed instant may be to be caught up. */
  readonly catch_up_window?: string | null
  /** Lower first; 0 by default. */
  readonly priority?: number
  /** Runs of one queue go one after the other. */
  readonly queue_name?: string | null
  /** 3 by default. */
  readonly max_attempts?: number
  /** Before the second attempt, at most a day; later pauses grow from it; 5 s by default. */
  readonly retry_delay?: string | null
  /** Of an attempt. */
  readonly timeout?: string | null
  readonly description?: string | null
  readonly category?: string | null
  readonly tags?: readonly string[]
}

/** A schedule whose task is known by its name. */
export interface NamedTaskSchedule extends ScheduleColumns {
  readonly task_name: string
  readonly task?: never
  /** What the task is given, as JSON; `{}` by default. */
  readonly payload?: unknown
}

/** A schedule whose task is at hand: its payload has the task's type, and is checked by it. */
export type TaskSchedule<Given> = ScheduleColumns & {
  readonly task: Task<unknown, Given>
  readonly task_name?: never
} & (Record<string, never> extends Given ? { readonly payload?: NoInfer<Given> } : { readonly payload: NoInfer<Given> })

const columns = [
  'name',
  'cron_expression',
  'every',
  'run_at',
  'timezone',
  'enabled',
  'starts_at',
  'ends_at',
  'max_runs',
  'jitter',
  'overlap_policy',
  'catch_up',
  'catch_up_window',
  'priority',
  'queue_name',
  'max_attempts',
  'retry_delay',
  'timeout',
  'description',
  'category',
  'tags',
  'pause_note',
] as const satisfies (keyof ScheduleColumns)[]

/**
 * Creates a schedule, or makes the one of that name what is given: what is left out is as for a new one, but a paused
 * schedule stays paused. With a client it is part of the transaction that the client is in. Where nothing differs nothing
 * is written, so every replica of a program may call it whenever it starts.
 *
 * @param client a client or pool of `pg`
 * @returns the schedule's id
 * @throws TimetableError for a cron expression that can't be read, or an unknown time zone
 * @throws ZodError for a payload that the task refuses
 * @throws pg's DatabaseError, with `column` and `hint`, for what the database refuses
 *
 * @example
 * await client.query('begin')
 * await client.query('insert into customers (id) values ($1)', [id])
 * await schedule(client, { name: `invoice ${id}`, task: invoice, payload: { id }, cron_expression: '0 9 1 * *' })
 * await client.query('commit')
 */
export async function schedule<Given>(client: Queryable, schedule: TaskSchedule<Given>): Promise<string>
export async function schedule(client: Queryable, schedule: NamedTaskSchedule): Promise<string>
export async function schedule(
  client: Queryable,
  schedule: NamedTaskSchedule | TaskSchedule<unknown>,
): Promise<string> {
  const { task, task_name = task?.name, payload, ...others } = schedule
  const unknown = Object.keys(others).filter((name) => !columns.includes(name as keyof ScheduleColumns))
  if (unknown.length > 0) throw new TypeError(`a schedule has no ${unknown.join(', ')}`)
  task?.payload.parse(payload ?? {})
  requireReadable(schedule)
  const given = Object.entries({
    ...others,
    task_name,
    payload: payload === undefined ? undefined : JSON.stringify(payload),
  })
  return callSchedule(client, Object.fromEntries(given.filter(([, value]) => value !== undefined)))
}

/** The database's checks let pass what only croner can judge; the leader would mark the schedule as invalid later. */
function requireReadable({ cron_expression, timezone = 'UTC' }: ScheduleColumns): void {
  if (typeof cron_expression !== 'string') return
  const nothing = { everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
  nextInstant({ ...nothing, cronExpression: cron_expression, timezone }, Date.now())
}

/**
 * Deletes a schedule; its runs stay.
 * @param client a client or pool of `pg`; a client's transaction is part of it
 * @returns whether there was one
 */
export async function unschedule(client: Queryable, name: string): Promise<boolean> {
  return callUnschedule(client, name)
}

/**
 * Stops a schedule for a while.
 * @param client a client or pool of `pg`
 * @param ref the schedule's id or name
 * @param note why; kept with the schedule
 */
export async function pause(client: Queryable, ref: string, note?: string): Promise<void> {
  return callPause(client, ref, note ?? null)
}

/**
 * Lets a paused schedule go on. What it has missed is one run with the status `missed`.
 * @param client a client or pool of `pg`
 * @param ref the schedule's id or name
 */
export async function resume(client: Queryable, ref: string, note?: string): Promise<void> {
  return callResume(client, ref, note ?? null)
}

/**
 * Runs a schedule now, besides its timetable.
 * @param client a client or pool of `pg`; in a transaction it is queued at the commit
 * @param ref the schedule's id or name
 * @param payload for this once, another one
 * @returns the run's id
 */
export async function trigger(client: Queryable, ref: string, payload?: unknown): Promise<string> {
  return callTrigger(client, ref, payload === undefined ? null : JSON.stringify(payload))
}
