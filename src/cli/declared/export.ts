import { apiCommand } from '../connect/api-command.ts'
import { filterFlags, scheduleNames, toFilter } from '../schedules/selection.ts'
import { UsageError } from '../usage-error.ts'

export const outputFlag = { value: '<file>', summary: 'write it there', completes: 'files' } as const

export const exportSchedules = apiCommand({
  summary: 'write schedules down as files for apply',
  description:
    'As YAML, by name, with what differs from a schedule that only has a task and a timetable. Without names or flags it is all of them.',
  arguments: scheduleNames,
  flags: {
    ...filterFlags,
    set: { value: '<name>', summary: 'those that apply created as part of this set' },
    output: outputFlag,
    json: { summary: 'JSON instead of YAML' },
  },
  examples: ['export > schedules.yaml', 'export --tag reports --output reports.yaml'],
  check: ({ given, values }) => {
    const hasFilter = values.set !== undefined || Object.keys(toFilter(values)).length > 0
    if (given.length > 0 && hasFilter) throw new UsageError('give names or flags that choose schedules, not both')
  },
  async run({ api, given: names, values: { set, output, json: isJson = false, ...flags } }) {
    const { exportTo } = await import('./export-to.ts')
    await exportTo(api, { names, filter: toFilter(flags), set, output, isJson })
  },
})
