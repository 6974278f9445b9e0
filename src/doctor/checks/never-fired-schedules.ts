import { pass, warn } from '../../finding.ts'
import { findNeverFired, mostSuspects, type Suspect } from '../../store/suspect-schedules.ts'
import type { Check } from '../check.ts'
import { quantity } from '../phrases.ts'

/** Enabled schedules whose instants come and go, or are all gone, without a single run. */
export const neverFiredSchedules: Check = {
  name: 'never-fired-schedules',
  needs: 'schema',
  async look({ db }) {
    const { count, examples } = await findNeverFired(db)
    if (count === 0) return pass('every enabled schedule has fired, or its first instant is still to come')
    const which = examples.map((suspect) => `${suspect.name} (${why(suspect)})`).join(', ')
    return warn(
      `${quantity(count, 'enabled schedule', mostSuspects)} never fired though due: ${which}${count > examples.length ? ', …' : ''}`,
      'GET /api/v1/schedules/{name}/runs tells why: change catch_up or overlap_policy, mend the timetable, or delete it',
    )
  },
}

function why({ run_status, run_reason, seconds }: Suspect): string {
  if (seconds === null) return 'no instant is left: ends_at comes before its first'
  return run_status === null
    ? 'the runs that told why are forgotten'
    : `its last instant was ${run_status}: ${run_reason}`
}
