import type { Check } from './check.ts'
import { clocks } from './checks/clocks.ts'
import { configuration } from './checks/configuration.ts'
import { leader } from './checks/leader.ts'
import { migrations } from './checks/migrations.ts'
import { notifications } from './checks/notifications.ts'
import { postgres } from './checks/postgres.ts'
import { rights } from './checks/rights.ts'
import { runtime } from './checks/runtime.ts'
import { sessions } from './checks/sessions.ts'
import { timeZones } from './checks/time-zones.ts'

/** All that is looked at, in the order in which it is told. */
export const checks: readonly Check[] = [
  runtime,
  configuration,
  postgres,
  rights,
  migrations,
  notifications,
  sessions,
  clocks,
  timeZones,
  leader,
]
