import { apiCommand } from '../connect/api-command.ts'
import { print } from '../print.ts'
import { UsageError } from '../usage-error.ts'

const most = 200

export const names = apiCommand({
  summary: 'print names that begin with a text, for the scripts',
  arguments: [
    { name: 'kind', summary: 'schedules or tasks' },
    { name: 'text', summary: 'what they begin with', isOptional: true },
  ],
  flags: {},
  async run({ api, given: [kind, begin = ''] }) {
    await print((await find()).filter((name) => name.startsWith(begin)).map((name) => `${name}\n`))

    async function find(): Promise<string[]> {
      if (kind === 'tasks') return (await api.call('GET /tasks')).data.map(({ name }) => name)
      if (kind !== 'schedules') throw new UsageError(`there are names of schedules and tasks, not of ${kind}`)
      const query = { per_page: most, ...(begin !== '' && { search: begin }) }
      return (await api.call('GET /schedules', { query })).data.map(({ name }) => name)
    }
  },
})
