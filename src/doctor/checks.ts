import type { Task } from '../task.ts'
import { builtInTasks } from '../tasks/index.ts'
import type { Check } from './check.ts'
import { clocks } from './checks/clocks.ts'
import { configuration } from './checks/configuration.ts'
import { invalidSchedules } from './checks/invalid-schedules.ts'
import { leader } from './checks/leader.ts'
import { migrations } from './checks/migrations.ts'
import { mirror } from './checks/mirror.ts'
import { mirrorDrift } from './checks/mirror-drift.ts'
import { neverFiredSchedules } from './checks/never-fired-schedules.ts'
import { notifications } from './checks/notifications.ts'
import { overdueSchedules } from './checks/overdue-schedules.ts'
import { partitions } from './checks/partitions.ts'
import { postgres } from './checks/postgres.ts'
import { redis } from './checks/redis.ts'
import { redisChannel } from './checks/redis-channel.ts'
import { rights } from './checks/rights.ts'
import { runtime } from './checks/runtime.ts'
import { sessions } from './checks/sessions.ts'
import { stuckRuns } from './checks/stuck-runs.ts'
import { taskChecks } from './checks/task-checks.ts'
import { taskFiles } from './checks/task-files.ts'
import { tasks } from './checks/tasks.ts'
import { timeZones } from './checks/time-zones.ts'
import { workers } from './checks/workers.ts'

/** All that is looked at whatever tasks there are, in the order in which it is told. */
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
  workers,
  taskFiles,
  tasks,
  invalidSchedules,
  overdueSchedules,
  neverFiredSchedules,
  stuckRuns,
  partitions,
  redis,
  redisChannel,
  mirror,
  mirrorDrift,
  ...taskChecks(builtInTasks),
]

/** Those, and what the tasks look at that do not come with pgbeat. */
export function checksWith(tasks: readonly Task[]): Check[] {
  return [...checks, ...taskChecks(tasks.filter((task) => !builtInTasks.includes(task)))]
}
