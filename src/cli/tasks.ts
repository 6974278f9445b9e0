import type { AnswerOf, Calls } from '../client/client.ts'
import { group } from './command.ts'
import { CommandFailure } from './command-failure.ts'
import { apiCommand } from './connect/api-command.ts'
import type { Column } from './output/table.ts'
import { exactAndRelative } from './output/times.ts'
import { facts, tell, writeList, writeOne } from './output/write.ts'
import { didYouMean } from './suggest.ts'

type Task = AnswerOf<'GET /tasks'>['data'][number]

const columns: readonly Column<Task>[] = [
  { title: 'name', text: ({ name }) => name },
  { title: 'workers', text: ({ live_workers }) => String(live_workers), isRight: true },
  { title: 'schedules', text: schedulesOf, isRight: true },
  { title: 'description', text: ({ description }) => description, shrinks: true },
]

const list = apiCommand({
  summary: 'list the tasks that workers have published',
  flags: {},
  async run({ api, isForPeople }) {
    const tasks = await readTasks(api)
    await writeList(tasks, columns, isForPeople)
    if (isForPeople && tasks.length === 0) tell('There are none: start a worker.')
  },
})

const show = apiCommand({
  summary: 'show a task and the payload that it takes',
  arguments: [{ name: 'task', summary: 'its name', completes: 'tasks' }],
  flags: {},
  async run({ api, given: [name = ''], isForPeople }) {
    const tasks = await readTasks(api)
    const task = tasks.find((one) => one.name === name)
    if (task === undefined) {
      const close = didYouMean(
        name,
        tasks.map((one) => one.name),
      )
      throw new CommandFailure(`no worker has published a task ${JSON.stringify(name)}${close}`, 'notFound')
    }
    await writeOne(task, () => describe(task), isForPeople)
  },
})

export const tasks = group('list and show tasks', { list: async () => list, show: async () => show })

async function readTasks(api: Calls): Promise<Task[]> {
  return (await api.call('GET /tasks')).data
}

function* describe(task: Task): Generator<string, void> {
  yield* facts({
    task: task.name,
    description: task.description,
    'live workers': String(task.live_workers),
    schedules: schedulesOf(task),
    published: exactAndRelative(task.published_at),
  })
  yield task.payload_schema === null
    ? '\nIt takes any payload.\n'
    : `\nIts payload, as JSON Schema:\n${JSON.stringify(task.payload_schema, null, 2)}\n`
}

function schedulesOf({ schedules, schedules_is_estimated: isEstimated }: Task): string {
  return schedules === null ? '?' : `${isEstimated ? '~' : ''}${schedules}`
}
