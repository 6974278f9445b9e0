import { z } from 'zod'
import { PermanentError } from '../../errors.ts'
import type { SqlPayload } from './payload.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What the worker's environment lets statements do. */
export interface SqlSettings {
  readonly isEnabled: boolean
  /** Where statements are sent, with a login of their own; undefined = on the worker's own connections. */
  readonly url: string | undefined
  /** Those that a payload may name. */
  readonly roles: readonly string[]
}

export function readSqlSettings(environment: Environment): SqlSettings {
  const isEnabled = z.stringbool().safeParse(environment.PGBEAT_SQL_TASK_ENABLED?.trim() || 'false').data ?? false
  const roles = (environment.PGBEAT_SQL_TASK_ROLES ?? '').split(',').map((role) => role.trim())
  return {
    isEnabled,
    url: environment.PGBEAT_SQL_TASK_DATABASE_URL?.trim() || undefined,
    // For Postgres this one means that there is none.
    roles: roles.filter((role) => role !== '' && role !== 'none'),
  }
}

/**
 * The role that a statement is to run as; undefined for the login itself.
 * @throws PermanentError `sql_task_disabled`, `role_refused`
 */
export function roleFor(
  { role }: Pick<SqlPayload, 'role'>,
  { isEnabled, url, roles }: SqlSettings,
): string | undefined {
  if (!isEnabled) {
    const message = 'the task sql is off: PGBEAT_SQL_TASK_ENABLED=true in the environment of the workers turns it on'
    throw new PermanentError('sql_task_disabled', message)
  }
  if (role !== undefined && !roles.includes(role)) {
    throw new PermanentError('role_refused', `PGBEAT_SQL_TASK_ROLES of the worker does not have ${role}`)
  }
  if (role === undefined && url === undefined) {
    const message =
      'a statement on the connections of the worker must name a role; PGBEAT_SQL_TASK_ROLES says which it may'
    throw new PermanentError('role_refused', message)
  }
  return role
}
