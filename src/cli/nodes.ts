import type { AnswerOf } from '../client/client.ts'
import { group } from './command.ts'
import { apiCommand } from './connect/api-command.ts'
import { styleOf } from './output/style.ts'
import type { Column } from './output/table.ts'
import { exactAndRelative } from './output/times.ts'
import { tell, writeList } from './output/write.ts'

type Node = AnswerOf<'GET /nodes'>['data'][number]

const columns: readonly Column<Node>[] = [
  { title: 'kind', text: ({ kind, is_leader }) => (is_leader ? `${kind}, leads` : kind) },
  { title: 'state', text: stateOf, style: (node) => styleOf(stateOf(node)) },
  { title: 'host', text: ({ host, pid }) => `${host}:${pid}`, shrinks: true },
  { title: 'started', text: ({ started_at }) => exactAndRelative(started_at) },
  { title: 'at once', text: ({ concurrency }) => (concurrency === null ? '' : String(concurrency)), isRight: true },
  { title: 'tasks', text: ({ tasks }) => tasks.join(', '), shrinks: true },
  { title: 'id', text: ({ id }) => id },
]

const list = apiCommand({
  summary: 'list ticks, workers and apis',
  description: 'Those included that have died and are not forgotten yet.',
  flags: {},
  async run({ api, isForPeople }) {
    const { data } = await api.call('GET /nodes')
    await writeList(data, columns, isForPeople)
    if (isForPeople && data.length === 0) tell('There are none.')
  },
})

export const nodes = group('list the processes of pgbeat', { list: async () => list })

function stateOf({ is_alive, draining_at }: Node): string {
  if (!is_alive) return 'dead'
  return draining_at === null ? 'alive' : 'draining'
}
