import type { RunStatus } from '../../core/run-state.ts'
import { words } from './words.ts'

/** A sign of its own for each, so that it does not take colours to tell them apart. */
const signs: Record<RunStatus, string> = {
  waiting: '…',
  queued: '○',
  running: '▶',
  retrying: '↻',
  succeeded: '✓',
  failed: '✕',
  cancelled: '⊘',
  skipped: '⤼',
  missed: '!',
}

const tones: Record<RunStatus, 'good' | 'bad' | 'warn' | 'busy' | 'quiet'> = {
  waiting: 'quiet',
  queued: 'busy',
  running: 'busy',
  retrying: 'warn',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'quiet',
  skipped: 'quiet',
  missed: 'warn',
}

/** Whether a run is not over. */
export function isActive(status: RunStatus): boolean {
  return ['waiting', 'queued', 'running', 'retrying'].includes(status)
}

/** What became of a run. */
export function Status({ status }: { status: RunStatus }) {
  return (
    <span class={`badge badge-${tones[status]}`}>
      <span aria-hidden="true">{signs[status]}</span> {words.value.statuses[status]}
    </span>
  )
}

interface StripProps {
  /** The newest first. */
  readonly runs: readonly { readonly id: string; readonly status: RunStatus }[]
}

/** The last runs of a schedule as a row of small marks, the newest at the right. */
export function Strip({ runs }: StripProps) {
  const w = words.value
  if (runs.length === 0) return <span class="soft">{w.noRuns}</span>
  const counts = [...Map.groupBy(runs, ({ status }) => status)].map(
    ([status, ofStatus]) => `${ofStatus.length} ${w.statuses[status]}`,
  )
  return (
    <span class="strip" role="img" aria-label={w.lastRuns(counts.join(', '))}>
      {runs.toReversed().map(({ id, status }) => (
        <i key={id} class={`mark mark-${tones[status]} mark-${status}`} title={w.statuses[status]} />
      ))}
    </span>
  )
}
