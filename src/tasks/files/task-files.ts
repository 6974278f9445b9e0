import { ConfigError } from '../../config/read-config.ts'
import type { Task } from '../../task.ts'
import { builtInTasks } from '../index.ts'
import { findTaskFiles, foldersOf, shown } from './find-files.ts'
import { readTaskFile } from './read-file.ts'
import { forgetModules, resolveFor } from './resolving.ts'

export interface ReadTasks {
  /** The built-in ones, and those of the files. */
  readonly tasks: readonly Task[]
  /** A line for each file that has none, beginning with the file. */
  readonly problems: readonly string[]
}

/** The tasks that a process knows: the built-in ones, and those in the folders of PGBEAT_TASKS. */
export class TaskFiles {
  readonly folders: readonly string[]
  /** As they were last read well. */
  #read = new Map<string, Task>()
  #readings = 0

  /** @param setting PGBEAT_TASKS */
  constructor(setting: string | undefined) {
    this.folders = foldersOf(setting ?? '')
  }

  /**
   * Reads all files; from the second time on anew, whatever Node.js keeps of them. Of a file that can't be read, the task
   * that it had before stays.
   */
  async read(): Promise<ReadTasks> {
    const problems: string[] = []
    const read = new Map<string, Task>()
    const fileOf = new Map<string, string>()
    if (this.#readings > 0) forgetModules()
    const reading = this.#readings++
    for (const file of this.#find(problems)) {
      const task = await readTaskFile(file, reading).catch((error: Error) => {
        problems.push(error.message)
        return this.#read.get(file)
      })
      if (task === undefined) continue
      const other = builtInNames.has(task.name) ? 'a task that comes with pgbeat' : fileOf.get(task.name)
      if (other !== undefined) {
        problems.push(`${shown(file)}: its task is called ${task.name}, as is ${other}`)
        continue
      }
      fileOf.set(task.name, `that of ${shown(file)}`)
      read.set(file, task)
    }
    this.#read = read
    return { tasks: [...builtInTasks, ...read.values()], problems }
  }

  /** @throws ConfigError when a file has no task that could be run */
  async readAll(): Promise<readonly Task[]> {
    const { tasks, problems } = await this.read()
    if (problems.length > 0) throw new ConfigError(problems.map((problem) => `PGBEAT_TASKS: ${problem}`).join('\n'))
    return tasks
  }

  #find(problems: string[]): string[] {
    const files = this.folders.flatMap((folder) => {
      resolveFor(folder)
      try {
        return findTaskFiles(folder)
      } catch (error) {
        problems.push((error as Error).message)
        return []
      }
    })
    return [...new Set(files)]
  }
}

const builtInNames = new Set(builtInTasks.map(({ name }) => name))
