import { createFetchListedInfoTask } from './task.ts'

/** `fetch_listed_info_task`, as a worker registers it. Its configuration is read from the environment at each run. */
export const fetchListedInfoTask = createFetchListedInfoTask()

export { type Demo, demoScheduleName, startDemo, startDemoService } from './demo.ts'
