import type { TaskCheck } from '../../task.ts'
import { openSession } from './session.ts'
import { readSqlSettings } from './settings.ts'

/** Whether statements can run, and whether their login is one for them. */
export const loginCheck: TaskCheck = {
  name: 'sql-task-login',
  look: async (environment, isNeeded) => {
    const { isEnabled, url, roles } = readSqlSettings(environment)
    if (!isEnabled) {
      if (!(await isNeeded())) return { status: 'pass', message: 'the task sql is off, and no enabled schedule has it' }
      return {
        status: 'warn',
        message: 'the task sql is off here, though an enabled schedule has it: its runs fail on workers like this',
        action: 'set PGBEAT_SQL_TASK_ENABLED=true for the workers, or pause the schedule',
      }
    }
    if (url === undefined) {
      if (roles.length > 0) {
        const message = `statements have the login of the worker, and say which of these they run as: ${roles.join(', ')}`
        return { status: 'pass', message }
      }
      return {
        status: 'fail',
        message: 'the task sql is on, and there is neither a login nor a role for its statements: its runs fail',
        action: 'set PGBEAT_SQL_TASK_DATABASE_URL to a login that may do what they are to do, and no more',
      }
    }
    return lookAtLogin(url)
  },
}

async function lookAtLogin(url: string): ReturnType<TaskCheck['look']> {
  const session = await openSession(url)
  try {
    const { rows } = await session.client.query<{ login: string; is_mighty: boolean }>(
      `select current_user as login,
        rolsuper or coalesce(has_schema_privilege(to_regnamespace('pgbeat'), 'create'), false) as is_mighty
      from pg_roles where rolname = current_user`,
    )
    const [{ login, is_mighty } = { login: 'nobody', is_mighty: false }] = rows
    if (!is_mighty) return { status: 'pass', message: `statements have a login of their own, ${login}` }
    return {
      status: 'warn',
      message: `statements have the login ${login}, which may do anything to pgbeat itself`,
      action: 'give PGBEAT_SQL_TASK_DATABASE_URL a login that may do what they are to do, and no more',
    }
  } finally {
    await session.close()
  }
}
