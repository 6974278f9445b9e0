import type { Command } from '../command.ts'
import { apiCommand } from '../connect/api-command.ts'
import { confirm, yesFlag } from '../output/confirm.ts'
import { whileWaiting } from '../output/while-waiting.ts'
import { tell, writeOne } from '../output/write.ts'
import { lookAhead, named, scheduleNames, selectionFlags, toSelection } from './selection.ts'

const noteFlag = { value: '<text>', summary: 'why, for the audit trail' } as const

function switching(word: 'pause' | 'resume', [ing, past]: readonly [string, string], description: string): Command {
  return apiCommand({
    summary: `${word} schedules`,
    description,
    arguments: scheduleNames,
    flags: { ...selectionFlags, note: noteFlag, yes: yesFlag },
    examples: [`schedules ${word} nightly-report`, `schedules ${word} --tag reports --note "the source is moving"`],
    check: ({ given, values }) => void toSelection(given, values),
    async run({ api, given, values, isForPeople }) {
      const selection = toSelection(given, values)
      const route = `POST /bulk/${word}` as const
      const ahead = await lookAhead(api, route, selection)
      if (given.length === 0 && ahead.changed > 0) await confirm(`${capital(word)} ${named(ahead)}?`, values.yes)
      const { note } = values
      const body = { ...selection, ...(note !== undefined && { note }) }
      const { data } = await whileWaiting(`${ing} ${named(ahead)}`, () => api.call(route, { body }))
      tell(`${named({ ...ahead, changed: data.changed })} ${past}`)
      if (!isForPeople) await writeOne(data, () => [], false)
    },
  })
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
}

export const pause = switching(
  'pause',
  ['pausing', 'paused'],
  'They stay as they are and fire nothing until they are resumed.',
)
export const resume = switching('resume', ['resuming', 'resumed'], 'What they missed meanwhile is not caught up.')
