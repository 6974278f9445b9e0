import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { act } from '../../data/act.ts'
import { api, mayAct } from '../../data/api.ts'
import type { Query } from '../../data/query.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { switchedTo } from '../schedules/switched.ts'
import type { Schedule } from './schedule.tsx'
import { words } from './words.ts'

type Kind = 'pause' | 'resume' | 'trigger' | 'remove'

export interface ActionsProps {
  readonly schedule: Schedule
  /** That it comes from. */
  readonly query: Query<{ readonly data: Schedule }>
}

/** What can be done to a schedule. */
export function Actions({ schedule, query }: ActionsProps) {
  const w = words.value
  const [asking, setAsking] = useState<Kind>()
  const kinds: Kind[] = [
    schedule.enabled ? 'pause' : 'resume',
    'trigger',
    ...(mayAct('admin') ? ['remove' as const] : []),
  ]
  if (!mayAct('operator')) return null
  return (
    <div class="row page-actions">
      {mayAct('admin') && (
        <a class="button" href={`/schedules/${schedule.id}/edit`}>
          {w.edit}
        </a>
      )}
      {kinds.map((kind) => (
        // Pausing and resuming is one button: it keeps the focus.
        <button
          key={kind === 'resume' ? 'pause' : kind}
          type="button"
          class={kind === 'remove' ? 'danger' : ''}
          onClick={() => setAsking(kind)}
        >
          {w[kind]}
        </button>
      ))}
      {asking && (
        <Ask key={asking} kind={asking} schedule={schedule} query={query} onClose={() => setAsking(undefined)} />
      )}
    </div>
  )
}

interface AskProps extends ActionsProps {
  readonly kind: Kind
  readonly onClose: () => void
}

function Ask({ kind, schedule, query, onClose }: AskProps) {
  const w = words.value
  const { route } = useLocation()
  const [text, setText] = useState('')
  const { id, name } = schedule
  const params = { id }
  const titles = {
    pause: w.pauseSure(name),
    resume: w.resumeSure(name),
    trigger: w.trigger,
    remove: w.removeSure(name),
  }
  const said = text === '' ? {} : { note: text }
  const calls = {
    pause: () => api.call('POST /schedules/{id}/pause', { params, body: said }),
    resume: () => api.call('POST /schedules/{id}/resume', { params, body: said }),
    trigger: () =>
      api.call('POST /schedules/{id}/trigger', { params, body: text === '' ? {} : { payload: JSON.parse(text) } }),
    remove: () => api.call('DELETE /schedules/{id}', { params }),
  }
  const switched = (enabled: boolean) => () =>
    query.assume(({ data }) => ({ data: { ...data, ...switchedTo(enabled, text) } }))
  const assumptions = { pause: switched(false), resume: switched(true) }
  const perform = async () => {
    const answer = await act<unknown>({
      run: async () => calls[kind](),
      ...((kind === 'pause' || kind === 'resume') && { assume: assumptions[kind] }),
      done: () => w.done[kind],
      failed: w.failed[kind],
      settle: query.reload,
    })
    if (kind === 'remove' && answer !== undefined) route('/schedules')
  }
  const problem = kind === 'trigger' ? jsonProblem(text) : undefined
  return (
    <Confirm
      isOpen
      title={titles[kind]}
      action={w[kind]}
      isDangerous={kind === 'remove'}
      isBlocked={problem !== undefined}
      onConfirm={perform}
      onClose={onClose}
    >
      {(kind === 'pause' || kind === 'resume') && (
        <label>
          {w.note}
          <input value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      )}
      {kind === 'trigger' && mayAct('admin') && (
        <label>
          {w.payloadOwn}
          <textarea rows={6} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          {problem !== undefined && <span class="field-error">{w.notJson(problem)}</span>}
        </label>
      )}
    </Confirm>
  )
}

function jsonProblem(text: string): string | undefined {
  try {
    if (text !== '') JSON.parse(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
