import type { Check } from './check.ts'
import { configuration } from './checks/configuration.ts'
import { leader } from './checks/leader.ts'
import { migrations } from './checks/migrations.ts'
import { postgres } from './checks/postgres.ts'
import { runtime } from './checks/runtime.ts'

/** All that is looked at, in the order in which it is told. */
export const checks: readonly Check[] = [runtime, configuration, postgres, migrations, leader]
