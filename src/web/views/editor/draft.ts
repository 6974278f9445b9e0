import type { AnswerOf, CallOptions } from '../../../client/client.ts'

export type Schedule = AnswerOf<'GET /schedules/{id}'>['data']
export type NewSchedule = CallOptions<'POST /schedules'>['body']

export const kinds = ['cron', 'every', 'once'] as const

/** What the form says. Everything that is typed is text; empty means left out. */
export interface Draft {
  readonly name: string
  readonly task_name: string
  readonly description: string
  readonly category: string
  readonly tags: string
  readonly kind: (typeof kinds)[number]
  readonly cron_expression: string
  readonly every: string
  /** In the viewer's time zone, as datetime-local has it. */
  readonly run_at: string
  readonly timezone: string
  readonly starts_at: string
  readonly ends_at: string
  /** JSON. */
  readonly payload: string
  readonly overlap_policy: Schedule['overlap_policy']
  readonly catch_up: Schedule['catch_up']
  readonly catch_up_window: string
  readonly max_attempts: string
  readonly retry_delay: string
  readonly timeout: string
  readonly jitter: string
  readonly priority: string
  readonly queue_name: string
  readonly max_runs: string
  readonly enabled: boolean
}

export function newDraft(timezone: string): Draft {
  return {
    name: '',
    task_name: '',
    description: '',
    category: '',
    tags: '',
    kind: 'cron',
    cron_expression: '0 9 * * *',
    every: 'PT1H',
    run_at: '',
    timezone,
    starts_at: '',
    ends_at: '',
    payload: '{}',
    overlap_policy: 'skip',
    catch_up: 'latest',
    catch_up_window: '',
    max_attempts: '3',
    retry_delay: '',
    timeout: '',
    jitter: '',
    priority: '0',
    queue_name: '',
    max_runs: '',
    enabled: true,
  }
}

export function toDraft(schedule: Schedule): Draft {
  const { every, run_at: runAt } = schedule
  return {
    name: schedule.name,
    task_name: schedule.task_name,
    description: schedule.description ?? '',
    category: schedule.category ?? '',
    tags: schedule.tags.join(', '),
    kind: runAt !== null ? 'once' : every !== null ? 'every' : 'cron',
    cron_expression: schedule.cron_expression ?? '',
    every: every ?? '',
    run_at: toLocal(runAt),
    timezone: schedule.timezone,
    starts_at: toLocal(schedule.starts_at),
    ends_at: toLocal(schedule.ends_at),
    payload: JSON.stringify(schedule.payload, null, 2),
    overlap_policy: schedule.overlap_policy,
    catch_up: schedule.catch_up,
    catch_up_window: schedule.catch_up_window ?? '',
    max_attempts: String(schedule.max_attempts),
    retry_delay: schedule.retry_delay ?? '',
    timeout: schedule.timeout ?? '',
    jitter: schedule.jitter ?? '',
    priority: String(schedule.priority),
    queue_name: schedule.queue_name ?? '',
    max_runs: schedule.max_runs === null ? '' : String(schedule.max_runs),
    enabled: schedule.enabled,
  }
}

/** When it runs, as the API explains it. */
export function timetableOf(draft: Draft) {
  return {
    cron_expression: draft.kind === 'cron' ? draft.cron_expression : null,
    every: draft.kind === 'every' ? draft.every : null,
    run_at: draft.kind === 'once' ? toInstant(draft.run_at) : null,
    timezone: draft.timezone,
    starts_at: toInstant(draft.starts_at),
    ends_at: toInstant(draft.ends_at),
  }
}

/** @throws SyntaxError for a payload that is no JSON */
export function toBody(draft: Draft): NewSchedule {
  return {
    ...(draft.name !== '' && { name: draft.name }),
    task_name: draft.task_name,
    ...timetableOf(draft),
    payload: JSON.parse(draft.payload),
    description: orNull(draft.description),
    category: orNull(draft.category),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
    overlap_policy: draft.overlap_policy,
    catch_up: draft.catch_up,
    catch_up_window: orNull(draft.catch_up_window),
    max_attempts: Number(draft.max_attempts),
    retry_delay: orNull(draft.retry_delay),
    timeout: orNull(draft.timeout),
    jitter: orNull(draft.jitter),
    priority: Number(draft.priority),
    queue_name: orNull(draft.queue_name),
    max_runs: draft.max_runs === '' ? null : Number(draft.max_runs),
    enabled: draft.enabled,
  }
}

/** What of a draft differs from another one, to be sent as an edit. */
export function changesOf(draft: Draft, from: Draft): Partial<NewSchedule> {
  const [now, before] = [toBody(draft), toBody(from)] as Record<string, unknown>[]
  const changed = Object.entries(now ?? {}).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before?.[name]),
  )
  return Object.fromEntries(changed)
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}

function toInstant(local: string): string | null {
  return local === '' ? null : new Date(local).toISOString()
}

function toLocal(at: string | null): string {
  if (at === null) return ''
  const instant = new Date(at)
  return new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
