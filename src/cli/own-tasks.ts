import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Config } from '../config/variables.ts'
import type { Running } from '../running.ts'
import type { Task } from '../task.ts'
import { TaskFiles } from '../tasks/files/task-files.ts'
import { watchFolders } from '../tasks/files/watch.ts'
import { type RunWorkerOptions, runWorker } from '../worker/run-worker.ts'

/** The built-in tasks and those of PGBEAT_TASKS, for as long as a process runs. */
export interface OwnTasks {
  readonly tasks: readonly Task[]
  /** Runs a worker that has them; one that develops them has them anew whenever a file changes. */
  runWorker(options: Omit<RunWorkerOptions, 'tasks'>): Promise<Running>
}

/**
 * @param isDeveloping whether a file that can't be used is only told of, and files are watched
 * @throws ConfigError when one can't be used, unless it is being developed
 */
export async function readOwnTasks(
  { PGBEAT_TASKS }: Pick<Config, 'PGBEAT_TASKS'>,
  { isDeveloping, log }: { readonly isDeveloping: boolean; readonly log: Logger },
): Promise<OwnTasks> {
  const files = new TaskFiles(PGBEAT_TASKS)
  if (!isDeveloping) {
    const tasks = await files.readAll()
    return { tasks, runWorker: (options) => runWorker({ ...options, tasks }) }
  }
  leaveToUs()
  const { tasks, problems } = await files.read()
  tell(problems, log)
  return {
    tasks,
    async runWorker(options) {
      const running = runWorker({ ...options, tasks })
      const reload = async () => {
        try {
          const worker = await running
          const read = await files.read()
          tell(read.problems, log)
          await worker.replaceTasks(read.tasks)
          log.warn({ tasks: read.tasks.map(({ name }) => name) }, 'tasks read anew')
        } catch (error) {
          log.error({ err: error }, 'tasks could not be replaced: they stay as they were')
        }
      }
      // What changes while it starts is a change, too.
      const watch = watchFolders(files.folders.filter(existsSync), reload)
      const worker = await running.catch(async (error) => {
        await watch.close()
        throw error
      })
      return {
        async stop() {
          await watch.close()
          await worker.stop()
        },
      }
    },
  }
}

/** Node's own watching would start the process anew for a file with a task, and for a broken one leave it ended. */
function leaveToUs(): void {
  delete process.env.WATCH_REPORT_DEPENDENCIES
}

function tell(problems: readonly string[], log: Logger): void {
  for (const problem of problems) log.error(problem)
}
