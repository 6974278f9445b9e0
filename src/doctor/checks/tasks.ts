import { fail, pass } from '../../finding.ts'
import { readTaskCoverage } from '../../store/uncovered-tasks.ts'
import type { Check } from '../check.ts'
import { firstOf, quantity } from '../phrases.ts'

/** Whether each task that schedules will fire has a live worker. */
export const tasks: Check = {
  name: 'tasks',
  needs: 'schema',
  async look({ db }) {
    const { covered, without_worker, uncovered } = await readTaskCoverage(db)
    if (uncovered.length > 0) {
      const which = uncovered.map(({ name, schedules }) => `${name} (${quantity(schedules, 'schedule')})`)
      return fail(
        `no live worker has ${quantity(uncovered.length, 'task')} that schedules will fire: ${firstOf(which, 5)}`,
        'start a worker that has it, or pause its schedules; what is queued meanwhile runs then',
      )
    }
    if (covered === 0) return pass('no schedule will fire, so no task needs a worker')
    const rest =
      without_worker > 0 ? `; ${quantity(without_worker, 'other')} in the catalogue, which none will fire` : ''
    return pass(`live workers have ${quantity(covered, 'task')}, and all that schedules will fire${rest}`)
  },
}
