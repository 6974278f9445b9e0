import type { AnswerOf } from '../../../client/client.ts'
import { words } from './words.ts'

export type Schedule = AnswerOf<'GET /schedules'>['data'][number]

const tones = {
  invalid: 'bad',
  failing: 'bad',
  no_worker: 'warn',
  paused: 'quiet',
  finished: 'quiet',
  new: 'quiet',
  well: 'good',
} as const

const signs = { invalid: '✕', failing: '✕', no_worker: '!', paused: '‖', finished: '■', new: '○', well: '✓' } as const

/** How a schedule is, by what there is to say of it that is worst. */
function healthOf(schedule: Schedule, lastStatus: string | undefined): keyof typeof tones {
  if (schedule.error !== null) return 'invalid'
  if (!schedule.enabled) return 'paused'
  if (schedule.finished) return 'finished'
  if (!schedule.task_has_worker) return 'no_worker'
  if (lastStatus === 'failed') return 'failing'
  return schedule.run_count === 0 && lastStatus === undefined ? 'new' : 'well'
}

export function Health({ schedule, lastStatus }: { schedule: Schedule; lastStatus?: string | undefined }) {
  const health = healthOf(schedule, lastStatus)
  return (
    <span class={`badge badge-${tones[health]}`} title={schedule.error ?? schedule.pause_note ?? undefined}>
      <span aria-hidden="true">{signs[health]}</span> {words.value.healths[health]}
    </span>
  )
}
