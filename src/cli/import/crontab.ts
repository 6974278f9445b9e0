import { nameOfCommand } from './command-name.ts'
import { fromVixie, whyNoTimetable } from './cron-rules.ts'
import { type Found, found, type Left, type Outcome } from './found.ts'

export interface CrontabOptions {
  /** Of the machine that cron runs on. */
  readonly timezone: string
  /** Runs the commands; their payload is `{ command, … }`. */
  readonly task: string
  /** It has a column for the user, as /etc/crontab has. */
  readonly isSystem: boolean
}

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '@yearly',
  '@annually': '@yearly',
  '@monthly': '@monthly',
  '@weekly': '@weekly',
  '@daily': '@daily',
  '@midnight': '@daily',
  '@hourly': '@hourly',
  '@every_minute': '* * * * *',
}

interface Reading extends CrontabOptions {
  readonly from: string
  readonly environment: Readonly<Record<string, string>>
}

/** Reads a crontab as Vixie cron and cronie do. Variables hold for the lines after them. */
export function readCrontab(text: string, options: CrontabOptions): Found {
  const environment: Record<string, string> = {}
  let { timezone } = options
  const outcomes: Outcome[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const from = `line ${index + 1}`
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const [, name, value] = /^["']?([A-Za-z_]\w*)["']?\s*=\s*(.*)$/.exec(trimmed) ?? []
    if (name === undefined || value === undefined) {
      outcomes.push(readLine(trimmed, { ...options, timezone, from, environment: { ...environment } }))
    } else if (name === 'CRON_TZ') timezone = unquoted(value)
    else if (name === 'MAILTO' || name === 'MAILFROM') {
      if (unquoted(value) !== '') outcomes.push({ left: mail(from, trimmed) })
    } else environment[name] = unquoted(value)
  }
  const { task } = options
  const remarks = [
    `A command becomes the payload of the task ${task}: { command }, with what cron gave it besides (environment, stdin, user).`,
    `Times are those of ${options.timezone} where CRON_TZ says nothing else. cron catches nothing up, tries once, and minds no overlap.`,
  ]
  const defaults = {
    task_name: task,
    timezone: options.timezone,
    overlap_policy: 'allow',
    catch_up: 'none',
    max_attempts: 1,
  }
  return found(remarks, defaults, outcomes)
}

function mail(from: string, line: string): Left {
  return { from, why: `${line}: nothing is mailed; what a run puts out is in its log, and its failure in metrics` }
}

function readLine(line: string, reading: Reading): Outcome {
  const { from, timezone, isSystem } = reading
  const bare = line.replace(/^-/, '')
  const [, nickname, times, rest = ''] = /^(?:(@\S+)|((?:\S+\s+){4}\S+))\s+(.*)$/s.exec(bare) ?? []
  const left = (why: string): Outcome => ({ left: { from, why } })
  if (nickname === '@reboot') return left(`${line}: a start of the machine is no instant; start it as a service`)
  const expression =
    times === undefined
      ? nickname && nicknames[nickname.toLowerCase()]
      : fromVixie(times.split(/\s+/) as unknown as Parameters<typeof fromVixie>[0])
  if (expression === undefined) return left(`${line}: not a line of a crontab that can be read`)
  const why = whyNoTimetable(expression, timezone)
  if (why !== null) return left(why)
  const words = isSystem ? /^(?<user>\S+)\s+(?<command>.*)$/s : /^(?<command>.*)$/s
  const { user, command = '' } = words.exec(rest)?.groups ?? {}
  if (command === '') return left(`${line}: there is no command${isSystem ? ' after the user' : ''}`)
  return { schedule: toSchedule(expression, command, user, reading) }
}

function toSchedule(
  expression: string,
  text: string,
  user: string | undefined,
  { from, timezone, environment }: Reading,
) {
  // The first % that is not escaped ends the command; what follows is its standard input, line by line.
  const [command = '', ...input] = text.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
  const hasEnvironment = Object.keys(environment).length > 0
  const payload = {
    command: command.trim(),
    ...(input.length > 0 && { stdin: `${input.join('\n')}\n` }),
    ...(hasEnvironment && { environment }),
    ...(user !== undefined && { user }),
  }
  const fields = { name: nameOfCommand(command), cron_expression: expression, timezone, payload }
  const notes = user === undefined ? [] : [`it ran as ${user}; here it runs as the worker does`]
  return { fields, from, notes }
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value
}
