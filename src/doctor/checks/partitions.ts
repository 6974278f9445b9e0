import { fail, pass, warn } from '../../finding.ts'
import { mostDefaultRuns, readPartitionCoverage } from '../../store/partitions.ts'
import type { Check } from '../check.ts'
import { firstOf, quantity } from '../phrases.ts'

/** Whether the leader has made the partitions of the days to come. */
export const partitions: Check = {
  name: 'partitions',
  needs: 'schema',
  async look({ db }) {
    const { missing, is_urgent, default_runs, default_runs_ahead } = await readPartitionCoverage(db)
    if (missing.length > 0) {
      return (is_urgent ? fail : warn)(
        `${quantity(missing.length, 'partition')} missing of the coming days: ${firstOf(missing)}; runs of such a day go to the default partition, which is slower to read and to forget`,
        'the leading tick makes them, days ahead and every minute: see the check leader, and end sessions that read pgbeat.runs for hours',
      )
    }
    if (default_runs_ahead > 0) {
      return warn(
        `${quantity(default_runs_ahead, 'run', mostDefaultRuns)} of today or later in the default partition: such a day gets no partition any more`,
        'nothing is lost, and they are forgotten in time; see why the partition was not made: the check leader, or sessions that read pgbeat.runs for hours',
      )
    }
    const rest =
      default_runs > 0
        ? `; ${quantity(default_runs, 'run', mostDefaultRuns)} of days without one, as backfills have`
        : ''
    return pass(`the coming days have their partitions${rest}`)
  },
}
