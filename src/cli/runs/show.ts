import type { AnswerOf } from '../../client/client.ts'
import { apiCommand } from '../connect/api-command.ts'
import { styled, styleOf } from '../output/style.ts'
import { plain } from '../output/text-width.ts'
import { exact, exactAndRelative, length } from '../output/times.ts'
import { facts, writeOne } from '../output/write.ts'
import { logText } from './log-text.ts'
import { whatOf } from './present.ts'

export const runId = [{ name: 'run', summary: 'its id' }] as const

export const show = apiCommand({
  summary: 'show a run, its attempts and what they logged',
  arguments: runId,
  flags: {},
  async run({ api, given: [id = ''], isForPeople }) {
    const { data } = await api.call('GET /runs/{id}', { params: { id } })
    await writeOne(data, () => describe(data), isForPeople)
  },
})

function* describe(run: AnswerOf<'GET /runs/{id}'>['data']): Generator<string, void> {
  yield `${styled('bold', `run ${run.id} of ${run.schedule_name}`)}  ${styled(styleOf(run.status), run.status)}\n\n`
  yield* facts({
    what: whatOf(run),
    task: run.task_name,
    payload: JSON.stringify(run.payload),
    'scheduled for': exactAndRelative(run.scheduled_for),
    'missed since': run.missed_since && exactAndRelative(run.missed_since),
    queued: run.queued_at && exact(run.queued_at),
    started: run.started_at && `${exact(run.started_at)}, ${length(run.lateness_ms)} late`,
    finished: run.finished_at && `${exact(run.finished_at)}, after ${length(run.duration_ms)}`,
    'next attempt': run.next_attempt_at && exactAndRelative(run.next_attempt_at),
    progress: run.progress && `${run.progress.done} of ${run.progress.total} ${run.progress.message ?? ''}`,
    backfill: run.backfill_id,
    result: run.result === null ? null : JSON.stringify(run.result),
    error: run.error && `${run.error.code}: ${run.error.message}`,
  })
  if (run.attempts.length > 0) yield `\n${styled('bold', 'attempts')}\n`
  for (const { attempt, status, started_at, finished_at, error } of run.attempts) {
    const took = finished_at === null ? '' : ` after ${length(Date.parse(finished_at) - Date.parse(started_at))}`
    const why = error === null ? '' : `: ${plain(`${error.code}: ${error.message}`)}`
    yield `  ${attempt}  ${exact(started_at)}  ${styled(styleOf(status), status)}${took}${why}\n`
  }
  if (run.logs.length > 0) yield `\n${styled('bold', 'logged')}\n`
  for (const line of run.logs) yield `  ${logText(line)}`
  if (run.logs_truncated) yield `  … pgbeat runs tail ${run.id} shows all\n`
}
