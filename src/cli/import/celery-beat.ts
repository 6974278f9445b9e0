import type { PeriodicTask } from '../../store/foreign/celery-beat.ts'
import { fromCelery, whyNoTimetable } from './cron-rules.ts'
import { type Found, found, type Outcome } from './found.ts'

type Timetable = Readonly<Record<string, unknown>>

/** django-celery-beat's periodic tasks. */
export function fromCeleryBeat(tasks: readonly PeriodicTask[]): Found {
  const remarks = [
    'Celery lets runs overlap and tries once unless the task says otherwise; after a standstill Beat runs what it missed once.',
  ]
  return found(remarks, { timezone: 'UTC', overlap_policy: 'allow', max_attempts: 1 }, tasks.map(toOutcome))
}

function toOutcome(found: PeriodicTask): Outcome {
  const { task } = found
  const left = (why: string): Outcome => ({ left: { from: task.name, why } })
  if (task.task === 'celery.backend_cleanup') return left("Celery's own: old history is dropped by pgbeat itself")
  const timetable = timetableOf(found)
  if (typeof timetable === 'string') return left(timetable)
  const payload = payloadOf(task)
  if (payload === null) return left('its args or kwargs are no JSON')
  const isOnce = task.one_off === true && found.clocked === null
  const fields = {
    name: task.name.trim(),
    task_name: task.task,
    ...timetable,
    ...(Object.keys(payload).length > 0 && { payload }),
    ...(!task.enabled && { enabled: false }),
    ...(task.start_time && { starts_at: instant(task.start_time) }),
    ...(task.expires && { ends_at: instant(task.expires) }),
    ...(isOnce && { max_runs: 1 }),
    ...(task.description !== '' && { description: task.description }),
  }
  return { schedule: { fields, from: task.name, notes: notesOn(task) } }
}

/** A text says why there is none. */
function timetableOf({ crontab, interval, clocked, solar }: PeriodicTask): Timetable | string {
  if (crontab !== null) {
    const { minute, hour, day_of_month, month_of_year, day_of_week, timezone = 'UTC' } = crontab
    const expression = fromCelery([minute, hour, day_of_month, month_of_year, day_of_week])
    return whyNoTimetable(expression, timezone) ?? { cron_expression: expression, timezone }
  }
  if (interval !== null) {
    const every = interval.every * (secondsOf[interval.period] ?? 0)
    return every >= 1 ? { every } : `every ${interval.every} ${interval.period}: the shortest interval is a second`
  }
  if (clocked !== null) return { run_at: instant(clocked.clocked_time) }
  return solar === null ? 'it has no schedule' : `${solar.event}: there are no schedules by the sun`
}

const secondsOf: Readonly<Record<string, number>> = {
  days: 86_400,
  hours: 3_600,
  minutes: 60,
  seconds: 1,
  microseconds: 1e-6,
}

/** Keyword arguments are the payload; positional ones stand beside them as `args`. */
function payloadOf({ args, kwargs }: PeriodicTask['task']): Record<string, unknown> | null {
  try {
    const [positional, named] = [JSON.parse(args || '[]'), JSON.parse(kwargs || '{}')]
    return { ...(positional.length > 0 && { args: positional }), ...named }
  } catch {
    return null
  }
}

function notesOn({
  args,
  queue,
  exchange,
  routing_key,
  headers,
  priority,
  expire_seconds,
}: PeriodicTask['task']): string[] {
  const told: (string | null | false | undefined)[] = [
    args.trim() !== '[]' && args.trim() !== '' && 'positional arguments are in payload.args',
    queue &&
      `queue ${queue}: there it chooses workers; here workers have tasks, and runs of one queue_name go one by one`,
    exchange && `exchange ${exchange}: there is no broker`,
    routing_key && `routing key ${routing_key}: there is no broker`,
    headers && headers !== '{}' && `headers ${headers}: a message has none; put them into the payload`,
    typeof priority === 'number' && `priority ${priority}: here lower goes first; with RabbitMQ higher did`,
    typeof expire_seconds === 'number' &&
      `expire_seconds ${expire_seconds}: a run that waits for a worker does not expire`,
  ]
  return told.filter((note) => typeof note === 'string' && note !== '') as string[]
}

function instant(text: string): string {
  return new Date(text).toISOString()
}
