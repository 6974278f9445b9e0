import { fail, pass } from '../../finding.ts'
import { readBounded } from '../../store/bounded-read.ts'
import { findStuckRuns, type StuckRuns } from '../../store/stuck-runs.ts'
import type { Check } from '../check.ts'
import { ago, quantity } from '../phrases.ts'

/** The leader recovers what a worker had after 6 s of silence, and live workers take what is ready at once. */
const after = { lostMs: 15_000, readyMs: 60_000 }

const meanings: Readonly<Record<StuckRuns['kind'], string>> = {
  lost: `running on workers that have been dead for more than ${after.lostMs / 1_000} s`,
  uncovered: `queued for more than ${after.readyMs / 1_000} s, and no live worker has the task`,
  stalled: `ready for more than ${after.readyMs / 1_000} s, and passed over by workers that have the task and room for it`,
  blocked: `waiting for more than ${after.readyMs / 1_000} s, with no run of the schedule before it`,
}

const actions: Readonly<Record<StuckRuns['kind'], string>> = {
  lost: 'see the check leader: while a tick leads, it recovers them',
  uncovered: 'start a worker that has the task, or cancel them: POST /api/v1/runs/{id}/cancel',
  stalled:
    'their jobs are gone or held by a worker that hangs: restart the workers, then cancel and retry them: POST /api/v1/runs/{id}/cancel, …/retry',
  blocked: 'see the check leader: while a tick leads, it queues them',
}

/** Runs that are not over, and that nobody takes further. */
export const stuckRuns: Check = {
  name: 'stuck-runs',
  needs: 'schema',
  async look({ db }) {
    const found = await readBounded(db, (trx) => findStuckRuns(trx, after))
    if (found.length === 0)
      return pass('every run that is ready is taken, and every run that is running has a live worker')
    const told = found.map(
      ({ kind, count, seconds, run_id, schedule_name }) =>
        `${quantity(count, 'run')} ${meanings[kind]} (run ${run_id} of ${schedule_name} for ${ago(seconds)})`,
    )
    if (found[0]?.is_bounded) told.push('there are more active runs than were looked at')
    return fail(told.join('; '), found.map(({ kind }) => actions[kind]).join('; '))
  },
}
