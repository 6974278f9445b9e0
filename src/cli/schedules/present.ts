import type { AnswerOf } from '../../client/client.ts'
import { styled, styleOf } from '../output/style.ts'
import { exactAndRelative } from '../output/times.ts'
import { facts } from '../output/write.ts'

export type Schedule = AnswerOf<'GET /schedules/{id}'>['data']

/** Whether it fires, in a word. */
export function stateOf({ enabled, error, finished }: Schedule): 'paused' | 'invalid' | 'finished' | 'active' {
  if (!enabled) return 'paused'
  if (error !== null) return 'invalid'
  return finished ? 'finished' : 'active'
}

/** When it fires, on a line. */
export function timetableOf({ cron_expression, every, run_at, timezone }: Schedule): string {
  if (cron_expression !== null) return `${cron_expression} (${timezone})`
  return every === null ? `once at ${run_at}` : `every ${every}`
}

/** What there is to say of a schedule, without what it has not. */
export function* describe(schedule: Schedule): Generator<string, void> {
  const { error, pause_note, payload, tags, next_run_at, last_run_at } = schedule
  const state = stateOf(schedule)
  yield `${styled('bold', schedule.name)}  ${styled(styleOf(state), state)}${pause_note === null ? '' : `: ${pause_note}`}\n`
  if (error !== null) yield `${styled('red', error)}\n`
  yield '\n'
  yield* facts({
    id: schedule.id,
    description: schedule.description,
    task: `${schedule.task_name}${schedule.task_has_worker ? '' : ' (no live worker has it)'}`,
    payload: JSON.stringify(payload),
    fires: timetableOf(schedule),
    'next run': next_run_at === null ? null : exactAndRelative(next_run_at),
    'last run': last_run_at === null ? null : exactAndRelative(last_run_at),
    starts: schedule.starts_at && exactAndRelative(schedule.starts_at),
    ends: schedule.ends_at && exactAndRelative(schedule.ends_at),
    runs: `${schedule.run_count}${schedule.max_runs === null ? '' : ` of ${schedule.max_runs}`}`,
    overlap: schedule.overlap_policy,
    'catch-up': `${schedule.catch_up}${schedule.catch_up_window === null ? '' : ` within ${schedule.catch_up_window}`}`,
    attempts: `up to ${schedule.max_attempts}`,
    timeout: schedule.timeout,
    jitter: schedule.jitter,
    queue: schedule.queue_name,
    priority: schedule.priority === 0 ? null : String(schedule.priority),
    category: schedule.category,
    tags: tags.join(', '),
    changed: `${exactAndRelative(schedule.updated_at)} by ${schedule.updated_by}, revision ${schedule.revision}`,
  })
}
