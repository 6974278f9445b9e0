import { readConfig } from '../../src/config/read-config.ts'
import type { Patient } from '../../src/doctor/check.ts'
import type { System } from '../support/system.ts'

/** What checks of a system are given, in an environment. */
export function patientOf(
  { connectionString, db }: Pick<System, 'connectionString' | 'db'>,
  environment: Readonly<Record<string, string>> = {},
): Patient {
  const all = { DATABASE_URL: connectionString, ...environment }
  return { environment: all, config: readConfig(all), connectionString, db }
}
