import { z } from 'zod'
import { findRun, triggerRun } from '../../store/runs.ts'
import { actorOf, requirePayloadRight } from '../access/caller.ts'
import { endpoint } from '../endpoint.ts'
import { existingSchedule } from '../existing.ts'
import { jsonValue } from '../fields/json-value.ts'
import { text } from '../fields/text.ts'
import { notFound } from '../problem.ts'
import { presentRun, runResource } from '../resources/run.ts'
import { changeAtRevision, etagHeader } from '../revision.ts'
import { answerWritten, writtenSchedule } from '../written-schedule.ts'

const tag = 'Schedules'

const noteBody = z.strictObject({ note: text.max(10_000).optional().describe('For the audit trail') }).optional()

interface Switching {
  readonly summary: string
  readonly description: string
  readonly example: { readonly note: string }
  readonly isOn: boolean
}

const pausing: Switching = {
  summary: 'Pause a schedule',
  description: 'It stays as it is and fires nothing until it is resumed.',
  example: { note: 'The exchange is closed' },
  isOn: false,
}

const resuming: Switching = {
  summary: 'Resume a schedule',
  description: 'What it missed meanwhile is not caught up.',
  example: { note: 'Open again' },
  isOn: true,
}

function switching<const Word extends string>(word: Word, { isOn, ...described }: Switching) {
  return endpoint({
    id: `${word}Schedule`,
    method: 'post',
    path: `/api/v1/schedules/{id}/${word}`,
    tag,
    role: 'operator',
    ...described,
    body: noteBody,
    status: 200,
    content: writtenSchedule,
    headers: etagHeader,
    isConditional: true,
    problems: isOn ? ['schedule_not_found', 'invalid_schedule'] : ['schedule_not_found'],
    async handle({ params, body, caller, revisions }, services) {
      const stored = await existingSchedule(services.db, params.id)
      const note = body?.note
      const changes = { enabled: isOn, ...(!isOn && note !== undefined && { pause_note: note }) }
      const changed = await changeAtRevision(services.db, { stored, changes, caller, note, revisions })
      return answerWritten(services, changed)
    },
  })
}

/** `enable` and `disable` are the documents' words for `resume` and `pause`. */
export const pauseEndpoint = switching('pause', pausing)
export const disableEndpoint = switching('disable', { ...pausing, summary: `${pausing.summary} (old name)` })
export const resumeEndpoint = switching('resume', resuming)
export const enableEndpoint = switching('enable', { ...resuming, summary: `${resuming.summary} (old name)` })

export const triggerEndpoint = endpoint({
  id: 'triggerSchedule',
  method: 'post',
  path: '/api/v1/schedules/{id}/trigger',
  tag,
  role: 'operator',
  summary: 'Run a schedule now',
  description: 'Besides its timetable, paused or not. A payload of its own takes the role admin.',
  body: z
    .strictObject({ payload: jsonValue.optional().describe("Instead of the schedule's own, for this once") })
    .optional(),
  example: { payload: { of: 'today' } },
  status: 202,
  content: z.object({ data: runResource }),
  headers: { Location: 'Where the run is' },
  problems: ['schedule_not_found', 'invalid_payload'],
  async handle({ params, body, caller }, { db, catalogue }) {
    const payload = body?.payload
    requirePayloadRight(caller, payload)
    const schedule = await existingSchedule(db, params.id)
    if (payload !== undefined) await catalogue.checkPayload(schedule.task_name, payload)
    const runId = await triggerRun(db, actorOf(caller), schedule.id, payload)
    const triggered = runId === null ? null : await findRun(db, runId)
    if (triggered === null) throw notFound('schedule', params.id)
    return {
      content: { data: presentRun(triggered.run) },
      headers: { Location: `/api/v1/runs/${triggered.run.id}` },
    }
  },
})
