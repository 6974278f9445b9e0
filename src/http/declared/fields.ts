import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Schedule, ScheduleChanges } from '../../store/schedules.ts'
import { toIsoDuration } from '../fields/duration.ts'
import { columnDefaults, scheduleColumns } from '../resources/schedule.ts'

type Column = keyof typeof scheduleColumns
export type DeclaredColumn = Exclude<Column, 'name'>

/** A schedule as somebody wants it to be, known by its name. */
export const declaredSchedule = z
  .strictObject({ ...scheduleColumns, name: scheduleColumns.name.unwrap() })
  .meta({ id: 'DeclaredSchedule' })
export type Declared = z.output<typeof declaredSchedule>

/** Values that can be compared: durations in seconds, instants in Unix milliseconds. */
export type Comparable = Readonly<Record<DeclaredColumn, unknown>>

export const declaredColumns = Object.keys(scheduleColumns).filter((name) => name !== 'name') as DeclaredColumn[]
export const durationColumns = ['every', 'jitter', 'catch_up_window', 'retry_delay', 'timeout'] as const
const instantColumns: readonly string[] = ['run_at', 'starts_at', 'ends_at']

/** A schedule that there is. Postgres' infinity is no bound. */
export function comparableStored(stored: Schedule): Comparable {
  return fill((column) => {
    const value: unknown = stored[column]
    if (value instanceof Date) return value.getTime()
    return instantColumns.includes(column) ? null : value
  })
}

interface Surroundings {
  readonly stored: Comparable | undefined
  /** Of a schedule that is declared without one. */
  readonly timezone: string
  /** Those that say which set it belongs to. */
  readonly setTags: readonly string[]
  readonly secondsOf: (duration: string) => number
}

/** What is left out is as it is for a schedule that is created without it; a pause stays until `enabled` is given. */
export function comparableDeclared(
  declared: Declared,
  { stored, timezone, setTags, secondsOf }: Surroundings,
): Comparable {
  const defaults: Record<string, unknown> = { ...columnDefaults, payload: {}, timezone }
  const enabled = declared.enabled ?? stored?.enabled ?? true
  return fill((column) => {
    if (column === 'enabled') return enabled
    if (column === 'tags') return [...(declared.tags ?? []), ...setTags]
    const value = declared[column]
    if (column === 'pause_note' && value === undefined) return enabled ? null : (stored?.pause_note ?? null)
    if (value === undefined) return defaults[column]
    if (value === null || typeof value !== 'string') return value
    if (isDuration(column)) return secondsOf(value)
    return instantColumns.includes(column) ? Date.parse(value) : value
  })
}

export interface FieldChange {
  readonly from: unknown
  readonly to: unknown
}

/** What makes one the other, by column; `from` null = all that the other has and a new schedule has not by itself. */
export function changesBetween(
  from: Comparable | undefined,
  to: Comparable,
): Partial<Record<DeclaredColumn, FieldChange>> {
  const before = from ?? bare
  const changed = declaredColumns.filter((column) => !isDeepStrictEqual(before[column], to[column]))
  return Object.fromEntries(
    changed.map((column) => [column, { from: shown(column, before[column]), to: shown(column, to[column]) }]),
  )
}

/** The columns as they are written. Durations keep the spelling in which they were declared. */
export function toColumns(wanted: Comparable, declared: Declared, columns: readonly DeclaredColumn[]): ScheduleChanges {
  return Object.fromEntries(
    columns.map((column) => {
      const value = wanted[column]
      if (column === 'payload') return [column, JSON.stringify(value)]
      const isText = isDuration(column) || instantColumns.includes(column)
      return [column, value !== null && isText ? declared[column] : value]
    }),
  )
}

function isDuration(column: DeclaredColumn): boolean {
  return (durationColumns as readonly string[]).includes(column)
}

function shown(column: DeclaredColumn, value: unknown): unknown {
  if (isDuration(column)) return toIsoDuration(value as number | null)
  return instantColumns.includes(column) && value !== null ? new Date(value as number).toISOString() : value
}

function fill(read: (column: DeclaredColumn) => unknown): Comparable {
  return Object.fromEntries(declaredColumns.map((column) => [column, read(column)])) as Comparable
}

const bare: Comparable = fill((column) => (column === 'payload' ? {} : (columnDefaults[column] ?? null)))
