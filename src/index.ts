export { TimetableError } from './core/timetable-error.ts'
export { PermanentError, RetryLaterError } from './errors.ts'
export {
  createEvents,
  type Events,
  type FireOutcome,
  type PgbeatEvents,
  type RunEvent,
  type RunOrigin,
} from './events.ts'
export type { Finding } from './finding.ts'
export { ListenError } from './http/listen.ts'
export { createMetrics, type Metrics } from './metrics/metrics.ts'
export { prepareDatabase } from './prepare-database.ts'
export type { Running } from './running.ts'
export {
  type PartOptions,
  type RunApiOptions,
  type RunTickOptions,
  type RunWorkerOptions,
  runApi,
  runTick,
  runWorker,
} from './scheduler/parts.ts'
export {
  type NamedTaskSchedule,
  pause,
  resume,
  type ScheduleColumns,
  schedule,
  type TaskSchedule,
  trigger,
  unschedule,
} from './scheduler/schedule.ts'
export { createScheduler, type Scheduler, type SchedulerOptions } from './scheduler/scheduler.ts'
export { MigrationError } from './store/migrate.ts'
export { PoolerError } from './store/pooler.ts'
export type { Queryable } from './store/schedule-calls.ts'
export {
  defineTask,
  PartialResult,
  type Task,
  type TaskCheck,
  type TaskContext,
  type TaskLog,
  type TaskRun,
  type TaskVariable,
} from './task.ts'
export { builtInTasks } from './tasks/index.ts'
