import { apiCommand } from '../connect/api-command.ts'
import { UsageError } from '../usage-error.ts'
import { fieldFlags, toFields } from './fields.ts'
import { strictFlag } from './strict-flag.ts'
import { showWritten } from './written.ts'

export const create = apiCommand({
  summary: 'create a schedule',
  description:
    'It takes a task and one of --cron-expression, --every and --run-at. The schedule is shown as it is then.',
  arguments: [{ name: 'name', summary: 'as --name', isOptional: true }],
  flags: { ...fieldFlags, strict: strictFlag },
  examples: [
    `schedules create nightly-report --task echo --cron "30 2 * * 1-5" --timezone Asia/Tokyo --payload '{"of":"yesterday"}'`,
    'schedules create --task echo --every 5m --tag reports,daily',
  ],
  async run({ api, given: [name], values, isForPeople }) {
    const { task_name, ...fields } = toFields(values)
    if (task_name === undefined) throw new UsageError('--task is missing: pgbeat tasks list shows those there are')
    if (name !== undefined && fields.name !== undefined) throw new UsageError('give the name once')
    const body = { ...fields, task_name, ...(name !== undefined && { name }) }
    const query = values.strict === true ? { strict: true } : {}
    await showWritten(await api.call('POST /schedules', { body, query }), isForPeople)
  },
})
