import { apiCommand } from '../connect/api-command.ts'
import { readCount } from '../read-values.ts'
import { UsageError } from '../usage-error.ts'
import { fieldFlags, toFields } from './fields.ts'
import { scheduleName } from './selection.ts'
import { strictFlag } from './strict-flag.ts'
import { showWritten } from './written.ts'

export const edit = apiCommand({
  summary: 'change a schedule',
  description:
    'Flags change what they name; an empty text takes a value away, such as --ends-at "". Without flags $EDITOR opens the ' +
    'schedule as YAML. When somebody else has changed it meanwhile, both changes are kept where they are about different ' +
    'fields, and you are shown theirs where they are not.',
  arguments: scheduleName,
  flags: {
    ...fieldFlags,
    strict: strictFlag,
    'if-revision': { value: '<number>', summary: 'only if the schedule has this revision' },
  },
  examples: ['schedules edit nightly-report --cron "0 3 * * *"', 'schedules edit nightly-report'],
  async run({ api, given: [id = ''], values, isForPeople }) {
    const body = toFields(values)
    const ifMatch = readCount('if-revision', values['if-revision'])
    if (Object.keys(body).length > 0) {
      const query = values.strict === true ? { strict: true } : {}
      const options = { params: { id }, body, query, ...(ifMatch !== undefined && { ifMatch }) }
      await showWritten(await api.call('PATCH /schedules/{id}', options), isForPeople)
      return
    }
    if (process.stdin.isTTY !== true) throw new UsageError('what is to be changed? Give flags, or use a terminal')
    const { editInEditor } = await import('./edit-in-editor.ts')
    const written = await editInEditor(api, id)
    if (written !== null) await showWritten(written, isForPeople)
  },
})
