import { command } from '../command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { isForPeople } from '../output/is-for-people.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import { readCount } from '../read-values.ts'
import { filterFlags, scheduleNames, toFilter } from '../schedules/selection.ts'
import { UsageError } from '../usage-error.ts'

const mostRuns = 10_000

export const simulate = command({
  summary: 'show what the tick would do with schedules over a span of time, without waiting for it',
  description: `The tick itself does it, by a clock of its own, on a PostgreSQL that is thrown away: the schedules are copied from DATABASE_URL, where nothing is written. They begin as if all were up to date, and nothing of theirs is executed: a run is over after --run-for, and fails when that is more than its timeout. There are always enough workers, and queues do not hold runs back. Without names and flags that choose, all schedules that are not paused. It stops after ${mostRuns} runs, or --most.`,
  arguments: scheduleNames,
  flags: {
    ...filterFlags,
    from: { value: '<instant>', summary: 'where it begins; now when left out' },
    to: { value: '<instant>', summary: 'where it ends; a day later when left out' },
    down: {
      value: '<from>/<to>',
      many: true,
      summary: 'when nothing of pgbeat runs; what is running goes on to its end',
    },
    'run-for': { value: '<duration>', summary: 'how long each run takes: 90s, 1h30m; no time when left out' },
    most: { value: '<number>', summary: `stop after so many runs; ${mostRuns} when left out` },
    'scratch-url': {
      value: '<url>',
      summary: 'a server on which it may create and drop a database of its own; started for it when left out',
    },
    json: { summary: 'JSON on a terminal, too' },
  },
  examples: [
    'simulate --tag reports --from 2026-03-08T00:00:00-05:00 --to 2026-03-09T00:00:00-04:00',
    'simulate nightly-report --down 2026-03-01T01:00:00Z/2026-03-01T05:00:00Z --run-for 20m',
  ],
  async run({ config, values, given }) {
    const filter = toFilter(values)
    if (given.length > 0 && Object.keys(filter).length > 0) {
      throw new UsageError('give names, or flags that choose schedules: not both')
    }
    const most = readCount('most', values.most) ?? mostRuns
    const { readSpan } = await import('./read-span.ts')
    const span = readSpan(values, Date.now())
    const { toScheduleFilter } = await import('../../http/resources/schedule-filter.ts')
    const { readSchedules, simulate } = await import('./run-simulation.ts')
    const chosen = given.length > 0 ? { refs: given } : toScheduleFilter({ enabled: true, ...filter })
    const schedules = await readSchedules(config, chosen)
    const signal = untilInterrupted()
    const found = await simulate(schedules, { ...span, scratchUrl: values['scratch-url'], mostRuns: most, signal })
    if (found === null) return
    const { describe } = await import('./present.ts')
    await print(isForPeople(values.json) ? describe(found) : [`${JSON.stringify(found, null, 2)}\n`])
    if (found.simulated_until < found.to) {
      tell(
        `It stopped at ${found.simulated_until}, for there are more than ${most} runs: choose fewer schedules, a shorter span, or --most`,
      )
    }
  },
})
