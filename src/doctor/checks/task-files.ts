import { fail, pass } from '../../finding.ts'
import type { Check } from '../check.ts'

/** Whether the files of PGBEAT_TASKS can be used here. */
export const taskFiles: Check = {
  name: 'task-files',
  needs: 'nothing',
  uses: ['PGBEAT_TASKS'],
  async look({ config, readTasks }) {
    if (config.PGBEAT_TASKS === undefined) return pass('PGBEAT_TASKS is not set: there are the built-in tasks')
    const { tasks, problems } = await readTasks()
    if (problems.length === 0)
      return pass(`all files of PGBEAT_TASKS can be used; with the built-in ones, ${tasks.length} tasks`)
    return fail(problems.join('; '), 'correct the file; a worker does not start before')
  },
}
