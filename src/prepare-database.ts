import { openPool, overPool } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { createPartitionsAhead } from './store/partitions.ts'
import { isSimulated, restoreClock } from './store/simulated-clock.ts'
import { publishTasks } from './store/tasks.ts'
import type { Task } from './task.ts'
import { builtInTasks } from './tasks/index.ts'
import { describeTask } from './worker/describe-task.ts'

/**
 * Makes a database ready for schedules: its tables, those of tasks, and these tasks in the catalogue, so that a schedule
 * can name them before the first worker runs. A simulation that left its clock behind is over. Safe to repeat, and from
 * many processes.
 * @param tasks left out, those that come with pgbeat
 * @returns the names of the migrations that were applied now
 */
export async function prepareDatabase(
  connectionString: string,
  tasks: readonly Task[] = builtInTasks,
): Promise<string[]> {
  const applied = await migrate(
    connectionString,
    tasks.flatMap(({ migrations }) => migrations ?? []),
  )
  const pool = openPool({ connectionString, applicationName: 'pgbeat migrate', maxConnections: 1 })
  const db = overPool(pool)
  try {
    if (await isSimulated(db)) await restoreClock(db)
    await publishTasks(db, tasks.map(describeTask))
    await createPartitionsAhead(db)
  } finally {
    await pool.end()
  }
  return applied
}
