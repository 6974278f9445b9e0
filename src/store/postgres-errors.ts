import pg from 'pg'
import { isUnanswered } from './connection.ts'

/** Whether an error says that Postgres can't be reached, or not just now, and nothing about the statement. */
export function isUnavailable(error: unknown): boolean {
  if (isOutdated(error)) return true
  if (error instanceof pg.DatabaseError) return /^(08|25006|25P0[34]|28|3D000|40|53|55000|57)/.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true
  if (isUnanswered(error)) return true
  // What pg says of a connection that broke, or that nobody had to give, has no code.
  return /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
    error.message,
  )
}

/** Whether Postgres is there and lets nobody in with this user, password or database. */
export function isRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(28|3D)/.test(error.code ?? '')
}

/** Whether an error says that somebody else holds a lock for longer than the session wants to wait. */
export function isLocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

/** Whether Postgres ended a transaction because it and another one waited for each other. */
export function isDeadlocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01'
}

/** Whether a prepared statement would answer other columns than when it was prepared: a migration has added one. */
export function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
}

/** Whether a row was refused because there is one with its key. */
export function isTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505'
}

/** Whether a statement took longer than it may, at Postgres, for a lock or on the way. */
export function isTooSlow(error: unknown): boolean {
  return isUnanswered(error) || isLocked(error) || (error instanceof pg.DatabaseError && error.code === '57014')
}

/** Whether the role may not do what it was told to. */
export function isForbidden(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '42501'
}
