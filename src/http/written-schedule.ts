import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Schedule, ScheduleChanges } from '../store/schedules.ts'
import type { Answer } from './endpoint.ts'
import { Problem } from './problem.ts'
import { presentSchedule, scheduleResource } from './resources/schedule.ts'
import { etagOf } from './revision.ts'
import type { Services } from './services.ts'

export const warning = z.object({ code: z.literal('no_live_worker'), message: z.string() }).meta({ id: 'Warning' })

/** What answers to writes are. */
export const writtenSchedule = z.object({
  data: scheduleResource,
  meta: z.object({ warnings: z.array(warning).describe('What works and is worth a look') }),
})

/** A task or payload that is new must be right; what was there before may stay. */
export async function checkTask(
  services: Services,
  stored: Schedule,
  changes: ScheduleChanges,
  isStrict: boolean | undefined,
): Promise<void> {
  const taskName = changes.task_name ?? stored.task_name
  await requireWorker(services, taskName, isStrict)
  const payload = changes.payload === undefined ? stored.payload : JSON.parse(changes.payload)
  const isNew = taskName !== stored.task_name || !isDeepStrictEqual(payload, stored.payload)
  if (isNew) await services.catalogue.checkPayload(taskName, payload)
}

export async function requireWorker({ catalogue }: Services, taskName: string, isStrict = false): Promise<void> {
  if (!isStrict || (await catalogue.hasWorker(taskName))) return
  const message = noWorkerMessage(taskName)
  throw new Problem('no_live_worker', message, { errors: [{ field: 'task_name', message }] })
}

export function noWorkerWarning(taskName: string): z.output<typeof warning> {
  return { code: 'no_live_worker', message: noWorkerMessage(taskName) }
}

function noWorkerMessage(taskName: string): string {
  return `no live worker has the task ${taskName}: its runs wait until one starts`
}

/** The answer to a write, with a word on what works and still is worth a look. */
export async function answerWritten({ catalogue }: Services, schedule: Schedule) {
  const data = presentSchedule(schedule, await catalogue.liveTasks())
  const warnings = data.task_has_worker ? [] : [noWorkerWarning(data.task_name)]
  return { content: { data, meta: { warnings } }, headers: etagOf(schedule) } satisfies Answer<
    z.output<typeof writtenSchedule>
  >
}
