import type { Task } from '../task.ts'
import { echo } from './echo.ts'
import { httpRequestTask } from './http/task.ts'
import { fetchListedInfoTask } from './listed-info/index.ts'
import { sqlTask } from './sql/task.ts'

/** The tasks that come with pgbeat. */
export const builtInTasks: readonly Task[] = [echo, httpRequestTask, sqlTask, fetchListedInfoTask]
