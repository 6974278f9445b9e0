import { fail, pass } from '../../finding.ts'
import { readBounded } from '../../store/bounded-read.ts'
import { listTaskCoverage, mostUncoveredCounted } from '../../store/uncovered-tasks.ts'
import type { Check } from '../check.ts'
import { firstOf, quantity } from '../phrases.ts'

/** Whether each task that schedules will fire has a live worker. */
export const tasks: Check = {
  name: 'tasks',
  needs: 'schema',
  async look({ db }) {
    const known = await readBounded(db, listTaskCoverage)
    const covered = known.filter(({ has_live_worker }) => has_live_worker)
    const uncovered = known.filter(({ schedules }) => schedules !== null && schedules > 0)
    if (uncovered.length > 0) {
      const which = uncovered.map(
        ({ name, schedules }) => `${name} (${quantity(schedules ?? 0, 'schedule', mostUncoveredCounted)})`,
      )
      return fail(
        `no live worker has ${quantity(uncovered.length, 'task')} that schedules will fire: ${firstOf(which, 5)}`,
        'start a worker that has it, or pause its schedules; what is queued meanwhile runs then',
      )
    }
    const idle = known.length - covered.length
    const rest =
      idle > 0 ? `; ${quantity(idle, 'other')} in the catalogue ${idle === 1 ? 'has' : 'have'} no schedule` : ''
    return pass(`live workers have ${quantity(covered.length, 'task')}, and all that schedules will fire${rest}`)
  },
}
