import { scheduleSorts } from '../../core/schedule-sorts.ts'
import { apiCommand } from '../connect/api-command.ts'
import { limited } from '../output/limited.ts'
import { styleOf } from '../output/style.ts'
import type { Column } from '../output/table.ts'
import { exactAndRelative } from '../output/times.ts'
import { tell, writeList } from '../output/write.ts'
import { readCount } from '../read-values.ts'
import { type Schedule, stateOf, timetableOf } from './present.ts'
import { filterFlags, toFilter } from './selection.ts'

export const list = apiCommand({
  summary: 'list schedules',
  flags: {
    ...filterFlags,
    enabled: { negatable: true, summary: 'without paused ones; --no-enabled lists these alone' },
    sort: {
      value: '<order>',
      summary: 'name when left out; next_run_at lists only those that have one',
      choices: scheduleSorts,
    },
    limit: { value: '<number>', summary: 'how many at most; all when left out' },
  },
  examples: ['schedules list --task echo --tag reports', 'schedules list --no-enabled --json | jq -r .name'],
  async run({ api, values, isForPeople }) {
    const limit = readCount('limit', values.limit) ?? Number.POSITIVE_INFINITY
    const query = {
      ...toFilter(values),
      ...(values.enabled !== undefined && { enabled: values.enabled }),
      ...(values.sort !== undefined && { sort: values.sort as (typeof scheduleSorts)[number] }),
      per_page: Math.min(200, limit),
    }
    const found = limited(api.each('GET /schedules', { query }), limit)
    await writeList(found, columns, isForPeople)
    if (isForPeople && found.passed === 0) tell('There are none.')
  },
})

const columns: readonly Column<Schedule>[] = [
  { title: 'name', text: ({ name }) => name, shrinks: true },
  { title: 'state', text: stateOf, style: (schedule) => styleOf(stateOf(schedule)) },
  { title: 'task', text: ({ task_name }) => task_name, shrinks: true },
  { title: 'fires', text: timetableOf, shrinks: true },
  { title: 'next run', text: ({ next_run_at }) => exactAndRelative(next_run_at), shrinks: true },
]
