import { apiCommand } from '../connect/api-command.ts'
import { confirm, yesFlag } from '../output/confirm.ts'
import { whileWaiting } from '../output/while-waiting.ts'
import { tell, writeOne } from '../output/write.ts'
import { readJson } from '../read-values.ts'
import { lookAhead, named, scheduleNames, selectionFlags, toSelection } from './selection.ts'

export const trigger = apiCommand({
  summary: 'run schedules now',
  description: 'Besides their timetables, paused or not. Of one schedule the run is shown.',
  arguments: scheduleNames,
  flags: {
    ...selectionFlags,
    payload: {
      value: '<json>',
      summary: "instead of the schedule's own, for this once; @<file>, or - for standard input",
      completes: 'files',
    },
    yes: yesFlag,
  },
  examples: ['schedules trigger nightly-report', `schedules trigger nightly-report --payload '{"of":"today"}'`],
  check: ({ given, values }) => void toSelection(given, values),
  async run({ api, given, values, isForPeople }) {
    const selection = toSelection(given, values)
    const payload = readJson('payload', values.payload) as never
    const body = payload === undefined ? {} : { payload }
    const [only] = given
    if (given.length === 1 && only !== undefined) {
      const { data: run } = await api.call('POST /schedules/{id}/trigger', { params: { id: only }, body })
      tell(`run ${run.id} of ${run.schedule_name} is ${run.status}; pgbeat runs tail ${run.id} follows it`)
      if (!isForPeople) await writeOne(run, () => [], false)
      return
    }
    const ahead = await lookAhead(api, 'POST /bulk/trigger', selection)
    if (given.length === 0 && ahead.changed > 0) await confirm(`Run ${named(ahead)} now?`, values.yes)
    const { data } = await whileWaiting(`triggering ${named(ahead)}`, () =>
      api.call('POST /bulk/trigger', { body: { ...selection, ...body } }),
    )
    tell(`${named({ ...ahead, changed: data.changed })} triggered`)
    if (!isForPeople) await writeOne(data, () => [], false)
  },
})
