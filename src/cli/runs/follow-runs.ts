import type { Calls } from '../../client/client.ts'
import { styled, styleOf } from '../output/style.ts'
import { plain } from '../output/text-width.ts'
import { exact, length } from '../output/times.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import { type Run, whatOf } from './present.ts'

export interface FollowRunsOptions {
  readonly schedule?: string | undefined
  readonly task?: string | undefined
  readonly status?: string[] | undefined
  readonly isForPeople: boolean
  readonly signal: AbortSignal
}

/** Shows what becomes of runs, as it happens, until aborted or nobody reads it. */
export async function followRuns(api: Calls, { schedule, task, status, isForPeople, signal }: FollowRunsOptions) {
  const query = {
    types: 'run',
    ...(schedule !== undefined && { schedule_id: await idOf(api, schedule) }),
    ...(task !== undefined && { task_name: task }),
    ...(status !== undefined && { status }),
  }
  const events = api.events({ query, signal, onLost: () => tell('pgbeat: the connection is lost; trying again') })
  await print(linesOf(events, isForPeople))
}

async function* linesOf(events: ReturnType<Calls['events']>, isForPeople: boolean): AsyncGenerator<string, void> {
  for await (const { type, data } of events) {
    if (type === 'ready') tell(`Following runs; Ctrl-C ends it.`)
    else if (!type.startsWith('run.')) tell(`pgbeat: ${data.message}`)
    else yield isForPeople ? changeText(data as unknown as Run) : `${JSON.stringify({ event: type, ...data })}\n`
  }
}

/** What a run has become, on a line. */
export function changeText(run: Omit<Run, 'payload' | 'result'>): string {
  const { id, schedule_name, status, started_at, finished_at } = run
  const at = exact(finished_at ?? started_at ?? run.queued_at ?? run.scheduled_for)
  const took = started_at !== null && finished_at !== null ? Date.parse(finished_at) - Date.parse(started_at) : null
  const what = [...(took === null ? [] : [`after ${length(took)}`]), whatOf(run as Run)].filter((text) => text !== '')
  return `${at}  ${id}  ${plain(schedule_name)}  ${styled(styleOf(status), status)}  ${plain(what.join('; '))}`
    .trimEnd()
    .concat('\n')
}

async function idOf(api: Calls, schedule: string): Promise<string> {
  return (await api.call('GET /schedules/{id}', { params: { id: schedule } })).data.id
}
