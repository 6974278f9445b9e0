import { pass, warn } from '../../finding.ts'
import { readBounded } from '../../store/bounded-read.ts'
import { findInvalid, mostSuspects } from '../../store/suspect-schedules.ts'
import type { Check } from '../check.ts'
import { quantity } from '../phrases.ts'

/** Enabled schedules that the leader could not plan. */
export const invalidSchedules: Check = {
  name: 'invalid-schedules',
  needs: 'schema',
  async look({ db }) {
    const { count, examples } = await readBounded(db, findInvalid)
    if (count === 0) return pass('no enabled schedule is invalid')
    const which = examples.map(({ name, error }) => `${name} (${error})`).join(', ')
    return warn(
      `${quantity(count, 'enabled schedule', mostSuspects)} can't be planned and won't fire: ${which}${count > examples.length ? ', …' : ''}`,
      'mend the timetable, or pause it: GET /api/v1/schedules?invalid=true lists them, and an edit clears the error',
    )
  },
}
