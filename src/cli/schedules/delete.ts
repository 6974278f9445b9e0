import { apiCommand } from '../connect/api-command.ts'
import { confirm, yesFlag } from '../output/confirm.ts'
import { whileWaiting } from '../output/while-waiting.ts'
import { tell, writeOne } from '../output/write.ts'
import { lookAhead, named, scheduleNames, selectionFlags, toSelection } from './selection.ts'

export const deleteSchedules = apiCommand({
  summary: 'delete schedules; their runs are kept',
  arguments: scheduleNames,
  flags: { ...selectionFlags, yes: yesFlag },
  examples: ['schedules delete nightly-report', 'schedules delete --search obsolete --yes'],
  check: ({ given, values }) => void toSelection(given, values),
  async run({ api, given, values, isForPeople }) {
    const selection = toSelection(given, values)
    const ahead = await lookAhead(api, 'POST /bulk/delete', selection)
    if (ahead.changed > 0) await confirm(`Delete ${named(ahead)}?`, values.yes)
    const { data } = await whileWaiting(`deleting ${named(ahead)}`, () =>
      api.call('POST /bulk/delete', { body: selection }),
    )
    tell(`${named({ ...ahead, changed: data.changed })} deleted`)
    if (!isForPeople) await writeOne(data, () => [], false)
  },
})
