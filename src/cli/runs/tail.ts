import { apiCommand } from '../connect/api-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { UsageError } from '../usage-error.ts'
import { followRun } from './follow-run.ts'
import { followRuns } from './follow-runs.ts'
import { runFlags } from './list.ts'

export const tail = apiCommand({
  summary: 'follow a run to its end, or all runs as they come',
  description:
    'Of one run: what it logs and becomes; the command ends when the run is over, with 1 unless it succeeded. Without an ' +
    'id: every change of every run, until Ctrl-C. JSON has an object a line, with `event` (`log` or `run.<status>`).',
  arguments: [{ name: 'run', summary: 'its id; all runs when left out', isOptional: true }],
  flags: runFlags,
  examples: ['runs tail 42', 'runs tail --schedule nightly-report', 'runs tail --status failed --json'],
  check({ given, values: { schedule, task, status } }) {
    if (given.length > 0 && [schedule, task, status].some((value) => value !== undefined)) {
      throw new UsageError('give the id of a run, or flags that choose runs: not both')
    }
  },
  async run({ api, given: [id], values, isForPeople }) {
    const signal = untilInterrupted()
    if (id === undefined) await followRuns(api, { ...values, isForPeople, signal })
    else await followRun(api, id, { isForPeople, signal })
  },
})
