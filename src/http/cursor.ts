import { z } from 'zod'
import type { RunLogKey } from '../store/run-logs.ts'
import type { RunKey, RunSort } from '../store/run-sort.ts'
import type { ScheduleKey, ScheduleSort } from '../store/schedule-listing.ts'
import { invalidField, type Problem } from './problem.ts'

// A cursor says where a part of a list ended: the sort and the values of the last row, as JSON in base64url. Clients
// send it back as it is; nothing in it is trusted.

const at = z.iso.datetime({ precision: 6 }).refine((text) => text >= '1970')
const runId = z.string().regex(/^[1-9]\d{0,17}$/)
const latest = Date.UTC(9999, 0, 1)

const name = z.strictObject({ name: z.string().max(1_000).refine(isText) })
const scheduleInstant = z.strictObject({ at, id: z.guid() })
const run = z.strictObject({ id: runId })
const runInstant = z.strictObject({ at, id: runId })
const runInStretch = z.strictObject({ id: runId, anchor: z.int().min(0).max(latest), stretch: z.int().min(0).max(3) })

const scheduleKeys: Record<ScheduleSort, z.ZodType<ScheduleKey>> = {
  name,
  '-name': name,
  created_at: scheduleInstant,
  '-created_at': scheduleInstant,
  updated_at: scheduleInstant,
  '-updated_at': scheduleInstant,
  next_run_at: scheduleInstant,
  '-next_run_at': scheduleInstant,
}

const runKeys: Record<RunSort, z.ZodType<RunKey>> = {
  newest: runInStretch,
  '-id': run,
  id: run,
  '-scheduled_for': runInstant,
  scheduled_for: runInstant,
  '-finished_at': runInstant,
  finished_at: runInstant,
}

/** Logs have one order. */
const logSort = 'line'
const logKey: z.ZodType<RunLogKey> = z.strictObject({
  attempt: z.int().min(0).max(32_767),
  line: z.int().min(0).max(2_147_483_647),
})

export function toCursor(sort: ScheduleSort | RunSort, key: ScheduleKey | RunKey): string {
  return write({ sort, ...key })
}

/** @throws Problem when it is no cursor, or one of a list that is sorted in another way */
export function toScheduleKey(sort: ScheduleSort, cursor: string): ScheduleKey {
  return toKey(scheduleKeys[sort], sort, cursor)
}

/** @throws Problem when it is no cursor, or one of a list that is sorted in another way */
export function toRunKey(sort: RunSort, cursor: string): RunKey {
  return toKey(runKeys[sort], sort, cursor)
}

export function toLogCursor(key: RunLogKey): string {
  return write({ sort: logSort, ...key })
}

/** @throws Problem when it is no cursor, or one of another list */
export function toRunLogKey(cursor: string): RunLogKey {
  return toKey(logKey, logSort, cursor)
}

/** Where a list that begins with the largest id goes on. */
export function toSmallerId(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : toRunKey('-id', cursor).id
}

function write(cursor: object): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function toKey<Key>(schema: z.ZodType<Key>, sort: string, cursor: string): Key {
  const { sort: sortThen, ...key } = readJson(cursor)
  if (isSort(sortThen) && sortThen !== sort)
    throw refusal(`belongs to a list that is sorted by ${sortThen}, not ${sort}`)
  const parsed = schema.safeParse(key)
  if (sortThen !== sort || !parsed.success) throw refusal('must be the next_cursor of an earlier answer')
  return parsed.data
}

function isSort(value: unknown): value is string {
  return typeof value === 'string' && (Object.hasOwn(scheduleKeys, value) || Object.hasOwn(runKeys, value))
}

function readJson(cursor: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Postgres' texts hold no NUL. */
function isText(value: string): boolean {
  return !value.includes('\0')
}

function refusal(message: string): Problem {
  return invalidField('cursor', message)
}
