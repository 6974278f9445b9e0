import { useState } from 'preact/hooks'
import { act } from '../../data/act.ts'
import { api, mayAct } from '../../data/api.ts'
import type { Query } from '../../data/query.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { isActive } from '../../parts/status.tsx'
import type { Run } from './run.tsx'
import { words } from './words.ts'

const routes = { cancel: 'POST /runs/{id}/cancel', retry: 'POST /runs/{id}/retry' } as const

export interface ActionsProps {
  readonly run: Run
  /** That it comes from. */
  readonly query: Query<{ readonly data: Run }>
}

/** What can be done to a run: end it while it goes on, have it again when it is over. */
export function Actions({ run: { id, status }, query }: ActionsProps) {
  const w = words.value
  const [isAsking, setIsAsking] = useState(false)
  if (!mayAct('operator')) return null
  const kind = isActive(status) ? 'cancel' : 'retry'
  const perform = () =>
    act({
      run: () => api.call(routes[kind], { params: { id } }),
      ...(kind === 'cancel' && { assume: () => query.assume(({ data }) => ({ data: cancelled(data) })) }),
      done: () => w.done[kind],
      failed: w.failed[kind],
      settle: query.reload,
    })
  return (
    <div class="page-actions">
      <button type="button" onClick={() => setIsAsking(true)}>
        {w[kind]}
      </button>
      <Confirm
        isOpen={isAsking}
        title={kind === 'cancel' ? w.cancelSure : w.retrySure}
        action={w[kind]}
        isDangerous={kind === 'cancel'}
        onConfirm={perform}
        onClose={() => setIsAsking(false)}
      >
        {null}
      </Confirm>
    </div>
  )
}

/** What a run is as soon as it is cancelled: one that a worker has is told to end. */
function cancelled(run: Run): Run {
  const at = new Date().toISOString()
  return run.status === 'running'
    ? { ...run, cancel_requested_at: at }
    : { ...run, status: 'cancelled', finished_at: at, next_attempt_at: null }
}
