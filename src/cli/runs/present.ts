import type { AnswerOf } from '../../client/client.ts'
import { styleOf } from '../output/style.ts'
import type { Column } from '../output/table.ts'
import { exact, length, relative } from '../output/times.ts'

export type Run = AnswerOf<'GET /runs'>['data'][number]

export const runColumns: readonly Column<Run>[] = [
  { title: 'run', text: ({ id }) => id, isRight: true },
  { title: 'schedule', text: ({ schedule_name }) => schedule_name, shrinks: true },
  { title: 'status', text: ({ status }) => status, style: ({ status }) => styleOf(status) },
  { title: 'scheduled for', text: ({ scheduled_for }) => `${exact(scheduled_for)} (${relative(scheduled_for)})` },
  { title: 'took', text: ({ duration_ms }) => length(duration_ms), isRight: true },
  { title: 'what', text: whatOf, shrinks: true },
]

/** What there is to say of how it went. */
export function whatOf({
  status,
  reason,
  error,
  missed_count,
  progress,
  origin,
}: Pick<Run, 'status' | 'reason' | 'error' | 'missed_count' | 'progress' | 'origin'>): string {
  const told = [
    ...(origin === 'schedule' ? [] : [origin.replace('_', '-')]),
    ...(missed_count !== null && missed_count > 1 ? [`${missed_count} instants`] : []),
    ...(reason === null ? [] : [reason]),
    ...(error === null ? [] : [`${error.code}: ${error.message}`]),
    ...(progress !== null && status === 'running' ? [`${progress.done} of ${progress.total}`] : []),
  ]
  return told.join('; ')
}
