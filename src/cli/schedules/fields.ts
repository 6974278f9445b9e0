import type { z } from 'zod'
import type { CallOptions } from '../../client/client.ts'
import { catchUps, overlapPolicies } from '../../core/decide.ts'
import { scheduleColumns } from '../../http/resources/schedule.ts'
import type { Flag } from '../flags.ts'
import { readDuration, readJson } from '../read-values.ts'
import { UsageError } from '../usage-error.ts'

type Field = keyof typeof scheduleColumns
/** `task_name` as it is written on the command line. */
type Dashed<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Head}-${Dashed<Tail>}` : Name
export type FieldFlags = { readonly [Name in Field as Dashed<Name>]: Flag }
type Changes = CallOptions<'PATCH /schedules/{id}'>['body']

/** What stands for a field's value, and how that is read; it is checked by the API. */
interface Kind extends Omit<Flag, 'summary'> {
  read?(text: string, flag: string): unknown
}

const instant: Kind = { value: '<instant>' }
const duration: Kind = { value: '<duration>', read: readDuration }
const number: Kind = { value: '<number>', read: readNumber }

const kinds: Readonly<Record<Field, Kind>> = {
  name: { value: '<name>' },
  task_name: { value: '<task>', alias: 'task', completes: 'tasks' },
  payload: { value: '<json>', completes: 'files', read: (text, flag) => readJson(flag, text) },
  cron_expression: { value: '<expression>', alias: 'cron' },
  every: duration,
  run_at: instant,
  timezone: { value: '<zone>' },
  enabled: { negatable: true },
  starts_at: instant,
  ends_at: instant,
  max_runs: number,
  jitter: duration,
  overlap_policy: { value: '<policy>', choices: overlapPolicies },
  catch_up: { value: '<which>', choices: catchUps },
  catch_up_window: duration,
  priority: number,
  queue_name: { value: '<name>' },
  max_attempts: number,
  retry_delay: duration,
  timeout: duration,
  description: { value: '<text>' },
  category: { value: '<category>' },
  tags: { value: '<tag>', many: true, alias: 'tag' },
  pause_note: { value: '<text>' },
}

const hints: Partial<Record<Field, string>> = {
  payload: '; @<file>, or - for standard input',
  enabled: 'whether it fires',
  every: '; or 90s, 5m, 1h30m',
  overlap_policy: '',
}

const fields = Object.keys(kinds) as Field[]

/** Every field as a flag. */
export const fieldFlags = Object.fromEntries(
  fields.map((field) => {
    const { read, ...kind } = kinds[field]
    return [dashed(field), { ...kind, summary: summaryOf(field) }]
  }),
) as unknown as FieldFlags

/**
 * The fields that flags set. An empty text takes away what a field may be without.
 * @throws UsageError
 */
export function toFields(values: Readonly<Record<string, unknown>>): Changes {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const flag = dashed(field)
      const value = values[flag]
      return value === undefined ? [] : [[field, readField(field, value, flag)] as const]
    }),
  )
}

function readField(field: Field, value: unknown, flag: string): unknown {
  if (typeof value !== 'string') return value
  if (value === '' && (scheduleColumns[field] as z.ZodType).safeParse(null).success) return null
  return kinds[field].read?.(value, flag) ?? value
}

function dashed(field: string): string {
  return field.replaceAll('_', '-')
}

function summaryOf(field: Field): string {
  const [first = '', ...rest] = scheduleColumns[field].description ?? ''
  // A name such as IANA stays as it is.
  const begun = /^[A-Z]/.test(rest[0] ?? '') ? first : first.toLowerCase()
  const told = `${begun}${rest.join('')}${hints[field] ?? ''}`
  return told === '' ? field.replaceAll('_', ' ') : told
}

function readNumber(text: string, flag: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text)
  throw new UsageError(`--${flag}: must be a whole number`)
}
