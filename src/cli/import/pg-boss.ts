import type { BossSchedule } from '../../store/foreign/pg-boss.ts'
import { whyNoTimetable } from './cron-rules.ts'
import { type Found, found, type Outcome } from './found.ts'

const usualRetries = 2

/** pg-boss' schedules; a queue becomes a task. */
export function fromPgBoss(schedules: readonly BossSchedule[]): Found {
  const remarks = [
    'A queue becomes a task of the same name. pg-boss lets jobs overlap and tries each of them again as often as its queue says.',
  ]
  const defaults = { timezone: 'UTC', overlap_policy: 'allow', catch_up: 'none', max_attempts: usualRetries + 1 }
  return found(remarks, defaults, schedules.map(toOutcome))
}

/** Nicknames that cron-parser has and croner has not. */
const nicknames: Readonly<Record<string, string>> = {
  '@minutely': '* * * * *',
  '@secondly': '* * * * *',
  '@weekdays': '0 0 * * 1-5',
  '@weekends': '0 0 * * 0,6',
}

function toOutcome({ schedule, queue }: BossSchedule): Outcome {
  const { name, key = '', cron, kind, data } = schedule
  const timezone = schedule.timezone || 'UTC'
  const from = key === '' ? name : `${name}, key ${key}`
  if (kind === 'rrule' || /^\s*(RRULE|DTSTART|FREQ)\b/i.test(cron)) {
    return {
      left: { from, why: `${cron.trim()}: there are no rules of iCalendar; write it as cron_expression or every` },
    }
  }
  const { expression, notes } = toExpression(cron)
  const why = whyNoTimetable(expression, timezone)
  if (why !== null) return { left: { from, why } }
  const options = schedule.options ?? {}
  const number = (option: string) => (typeof options[option] === 'number' ? (options[option] as number) : undefined)
  const priority = number('priority') ?? 0
  const retryDelay = number('retryDelay') ?? queue?.retry_delay ?? 0
  const timeout = number('expireInSeconds') ?? queue?.expire_seconds
  const fields = {
    name: key === '' ? name : `${name}:${key}`,
    task_name: name,
    cron_expression: expression,
    timezone,
    ...(data !== null && data !== undefined && { payload: data }),
    max_attempts: (number('retryLimit') ?? queue?.retry_limit ?? usualRetries) + 1,
    ...(retryDelay > 0 && { retry_delay: retryDelay }),
    ...(timeout !== undefined && { timeout }),
    // There higher goes first.
    ...(priority !== 0 && { priority: -priority }),
    ...(options.missed === 'once' && { catch_up: 'latest' }),
    ...overlapOf(queue?.policy),
  }
  return { schedule: { fields, from, notes: [...notes, ...notesOn(options, queue)] } }
}

/** It looks at minutes only, whatever an expression says of seconds. */
function toExpression(cron: string): { expression: string; notes: string[] } {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 6) return { expression: nicknames[cron.trim().toLowerCase()] ?? cron.trim(), notes: [] }
  return {
    expression: fields.slice(1).join(' '),
    notes: [`${cron}: pg-boss fires once a minute at most, so seconds are left out`],
  }
}

/** A queue that has one job at a time has the like here. */
function overlapOf(policy: string | undefined) {
  if (policy === 'exclusive') return { overlap_policy: 'skip' }
  return policy === 'singleton' || policy === 'stately' ? { overlap_policy: 'queue' } : {}
}

const kept = ['tz', 'key', 'missed', 'retryLimit', 'retryDelay', 'expireInSeconds', 'priority']

function notesOn(options: Readonly<Record<string, unknown>>, queue: BossSchedule['queue']): string[] {
  const lost = Object.entries(options)
    .filter(([option, value]) => !kept.includes(option) && value !== null && value !== undefined)
    .map(([option, value]) => `${option} ${JSON.stringify(value)}: ${reasons[option] ?? 'there is no such option'}`)
  return queue?.dead_letter
    ? [...lost, `dead letter queue ${queue.dead_letter}: a run that failed stays as failed, and can be retried`]
    : lost
}

const reasons: Readonly<Record<string, string>> = {
  singletonKey: 'an instant fires once here; overlap_policy says what a run does while another is active',
  singletonSeconds: 'an instant fires once here; overlap_policy says what a run does while another is active',
  retryBackoff: 'pauses between attempts always grow',
  startAfter: 'a run starts at its instant; jitter makes it later',
  deadLetter: 'a run that failed stays as failed, and can be retried',
  retentionSeconds: 'history is kept by PGBEAT_RETENTION_DAYS for all schedules',
  deleteAfterSeconds: 'history is kept by PGBEAT_RETENTION_DAYS for all schedules',
}
