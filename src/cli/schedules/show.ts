import { ApiError } from '../../client/api-error.ts'
import type { Calls } from '../../client/client.ts'
import { apiCommand } from '../connect/api-command.ts'
import { styled } from '../output/style.ts'
import { table } from '../output/table.ts'
import { exact, relative } from '../output/times.ts'
import { writeOne } from '../output/write.ts'
import { print } from '../print.ts'
import { runColumns } from '../runs/present.ts'
import { describe } from './present.ts'
import { scheduleName } from './selection.ts'

const shown = 5

export const show = apiCommand({
  summary: 'show a schedule, when it fires next and what its last runs did',
  description: 'JSON has the schedule alone; `runs list --schedule` has its runs.',
  arguments: scheduleName,
  flags: {},
  async run({ api, given: [name = ''], isForPeople }) {
    const { data: schedule } = await api.call('GET /schedules/{id}', { params: { id: name } })
    await writeOne(schedule, () => describe(schedule), isForPeople)
    if (!isForPeople) return
    await print(await nextInstants(api, schedule.id))
    await print(lastRuns(api, schedule.id))
  },
})

/** None where the timetable is broken: the schedule's `error` has been told. */
async function nextInstants(api: Calls, id: string): Promise<string[]> {
  try {
    const { data } = await api.call('GET /schedules/{id}/preview', { params: { id }, query: { count: shown } })
    const lines = data.next.map(({ at, local, clock_change: change }) => {
      const inZone = data.timezone === 'UTC' ? '' : `  ${local} in ${data.timezone}`
      return `  ${exact(at)} (${relative(at)})${inZone}${change === null ? '' : `  ${change}: clocks change`}\n`
    })
    return lines.length === 0
      ? []
      : [`\n${styled('bold', `next${data.enabled ? '' : ', if it were resumed'}`)}\n`, ...lines]
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return []
    throw error
  }
}

async function* lastRuns(api: Calls, id: string): AsyncGenerator<string, void> {
  const { data: runs } = await api.call('GET /schedules/{id}/runs', { params: { id }, query: { per_page: shown } })
  if (runs.length === 0) return
  yield '\n'
  yield* table(
    runs,
    runColumns.filter(({ title }) => !['schedule', 'task'].includes(title)),
  )
}
