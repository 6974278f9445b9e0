import type { CronJob, CronJobs } from '../../store/foreign/pg-cron.ts'
import { sqlPayload } from '../../tasks/sql/payload.ts'
import { fromVixie, whyNoTimetable } from './cron-rules.ts'
import { type Found, found, type Outcome } from './found.ts'
import { isOneStatement } from './one-statement.ts'

/** pg_cron ends no statement; the longest that the task sql waits. */
const longestStatementSeconds = 86_400

/** What Postgres refuses in a transaction. */
const standsAlone =
  /^\s*(vacuum|alter\s+system|(create|drop)\s+(database|tablespace)|reindex\s+(database|system)|(create\s+(unique\s+)?|drop\s+|re)index\s.*\bconcurrently)\b/i

/** pg_cron's jobs, for the task sql. */
export function fromPgCron({ jobs, timezone, database }: CronJobs): Found {
  const zone = timezone === 'GMT' ? 'UTC' : timezone
  const hasUsers = new Set(jobs.map(({ username }) => username)).size > 1
  const remarks = [
    'Commands become statements of the task sql, which is off unless it is allowed, and has a login or a role of its own.',
    'Jobs ran as their users; here statements run as the login of the task sql, or as payload.role.',
    'pg_cron has a second run of a job wait for the first, tries once and catches nothing up.',
  ]
  const defaults = { task_name: 'sql', timezone: zone, overlap_policy: 'queue', catch_up: 'none', max_attempts: 1 }
  return found(
    remarks,
    defaults,
    jobs.map((job) => toOutcome(job, { timezone: zone, here: database, hasUsers })),
  )
}

interface Surroundings {
  readonly timezone: string
  /** The database that the jobs are kept in. */
  readonly here: string
  /** Whether they belong to several users. */
  readonly hasUsers: boolean
}

function toOutcome(job: CronJob, { timezone, here, hasUsers }: Surroundings): Outcome {
  const { jobid, jobname, command, active, database, username, nodename } = job
  const from = jobname ? `${jobname} (job ${jobid})` : `job ${jobid}`
  const left = (why: string): Outcome => ({ left: { from, why } })
  const timetable = timetableOf(job.schedule, timezone)
  if (typeof timetable === 'string') return left(timetable)
  if (!isOneStatement(command)) return left('it is several statements, and a run is one: make a function of them')
  const payload = { statement: command, timeout_seconds: longestStatementSeconds }
  const { error } = sqlPayload.safeParse(payload)
  if (error !== undefined) return left(`${command}: ${error.issues.map(({ message }) => message).join('; ')}`)
  if (standsAlone.test(command)) return left(`it can't run in a transaction, as a run of the task sql does: ${command}`)
  const fields = {
    name: jobname?.trim() || `pg_cron-${jobid}`,
    ...timetable,
    payload,
    ...(active === false && { enabled: false }),
  }
  const notes = [
    ...(hasUsers ? [`it ran as ${username}`] : []),
    ...(database === here ? [] : [`it ran in the database ${database}, not in ${here}: the task sql has one database`]),
    ...(['localhost', '127.0.0.1', '::1', ''].includes(nodename) ? [] : [`it ran on ${nodename}`]),
    ...(/^\s*call\b/i.test(command)
      ? ['a procedure that commits fails in a transaction, as a run of the task sql is']
      : []),
  ]
  return { schedule: { fields, from, notes } }
}

/** A text says why there is none. */
function timetableOf(schedule: string, timezone: string): Readonly<Record<string, unknown>> | string {
  const [, seconds] = /^\s*(\d+)\s+seconds?\s*$/i.exec(schedule) ?? []
  if (seconds !== undefined) return { every: Number(seconds) }
  const trimmed = schedule.trim().toLowerCase()
  if (trimmed === '@reboot') return '@reboot: a start of Postgres is no instant'
  const fields = trimmed.split(/\s+/)
  if (fields.length !== 5) return whyNoTimetable(trimmed, timezone) ?? { cron_expression: trimmed }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const expression = fromVixie([minute, hour, day.replace('$', 'L'), month, weekday])
  return whyNoTimetable(expression, timezone) ?? { cron_expression: expression }
}
