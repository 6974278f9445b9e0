import { type ParsedCronItem, parseCrontab } from 'graphile-worker'
import { CommandFailure } from '../command-failure.ts'
import { whyNoTimetable } from './cron-rules.ts'
import { type Found, found, type Outcome } from './found.ts'

/** graphile-worker's own. */
const usualAttempts = 25

/**
 * Reads graphile-worker's crontab with its own parser.
 * @throws CommandFailure for what that refuses
 */
export function readGraphileCrontab(text: string): Found {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trim(), from: `line ${index + 1}` }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
  const items = parse(text)
  const outcomes = items.map((item, index) => toOutcome(item, lines[index] ?? { text: '', from: '' }))
  const remarks = [
    'graphile-worker reads times in UTC, lets runs overlap, and adds _cron to the payload: here a task asks its run for scheduledFor.',
  ]
  const defaults = { timezone: 'UTC', overlap_policy: 'allow', catch_up: 'none', max_attempts: usualAttempts }
  return found(remarks, defaults, outcomes)
}

function parse(text: string): ParsedCronItem[] {
  try {
    return parseCrontab(text)
  } catch (error) {
    throw new CommandFailure(`graphile-worker can't read it: ${(error as Error).message}`, 'usedWrongly')
  }
}

interface Line {
  readonly text: string
  readonly from: string
}

function toOutcome({ task, identifier, payload, options, match }: ParsedCronItem, { text, from }: Line): Outcome {
  const expression = toExpression(text, match)
  const why = whyNoTimetable(expression, 'UTC')
  if (why !== null) return { left: { from, why } }
  const { backfillPeriod = 0, maxAttempts = usualAttempts, queueName, priority, jobKey } = options ?? {}
  const fields = {
    name: identifier,
    task_name: task,
    cron_expression: expression,
    ...(payload !== null && payload !== undefined && Object.keys(payload).length > 0 && { payload }),
    ...(backfillPeriod > 0 && { catch_up: 'all', catch_up_window: backfillPeriod / 1_000 }),
    max_attempts: maxAttempts,
    ...(queueName !== undefined && { queue_name: queueName }),
    ...(priority !== undefined && { priority }),
  }
  const notes =
    jobKey === undefined
      ? []
      : [`jobKey=${jobKey}: there is none; overlap_policy says what a run does while another is active`]
  return { schedule: { fields, from, notes } }
}

interface Parsed {
  readonly parsedCronMatch?: { readonly dates: readonly number[]; readonly dows: readonly number[] }
}

/** To graphile-worker `1-31` is as good as a star; here it is given, and either day would do. */
function toExpression(line: string, match: ParsedCronItem['match']): string {
  const [minute, hour, day, month, weekday] = line.split(/\s+/)
  const { dates = [], dows = [] } = (match as Parsed).parsedCronMatch ?? {}
  return [minute, hour, dates.length === 31 ? '*' : day, month, dows.length === 7 ? '*' : weekday].join(' ')
}
