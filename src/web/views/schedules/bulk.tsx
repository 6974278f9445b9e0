import { useState } from 'preact/hooks'
import { act } from '../../data/act.ts'
import { api, mayAct } from '../../data/api.ts'
import type { Pages } from '../../data/pages.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { type Filter, toBody } from './filter.ts'
import type { Schedule } from './health.tsx'
import { switchedTo } from './switched.ts'
import { words } from './words.ts'

/** Schedules one by one, or all that the filter finds. */
export type Selection = ReadonlySet<string> | 'all'

interface BulkProps {
  readonly selection: Selection
  readonly filter: Filter
  /** How many match the filter, for people. */
  readonly matching: string
  readonly onSelect: (selection: Selection) => void
  /** The list that they are in. */
  readonly pages: Pages<Schedule>
}

const routes = {
  pause: 'POST /bulk/pause',
  resume: 'POST /bulk/resume',
  trigger: 'POST /bulk/trigger',
  remove: 'POST /bulk/delete',
} as const

type Kind = keyof typeof routes

/** What can be done to all that are selected. */
export function Bulk({ selection, filter, matching, onSelect, pages }: BulkProps) {
  const w = words.value
  const [asking, setAsking] = useState<Kind>()
  const [note, setNote] = useState('')
  const count = selection === 'all' ? matching : w.count(selection.size, true)
  const selected = selection === 'all' ? w.allMatchingSelected(matching) : w.selected(selection.size)
  const perform = async (kind: Kind) => {
    const on = selection === 'all' ? { filter: toBody(filter) } : { ids: [...selection] }
    const said = kind === 'pause' || kind === 'resume' ? { ...(note !== '' && { note }) } : {}
    const switched = (enabled: boolean) => () =>
      pages.assume((rows) =>
        rows.map((row) =>
          (selection === 'all' || selection.has(row.id)) && row.enabled !== enabled
            ? { ...row, ...switchedTo(enabled, note) }
            : row,
        ),
      )
    const answer = await act({
      run: () => api.call(routes[kind], { body: { ...on, ...said } }),
      ...((kind === 'pause' || kind === 'resume') && { assume: switched(kind === 'resume') }),
      done: ({ data }) => w.done[kind](data.changed),
      failed: w.failed,
      settle: pages.reload,
    })
    // What failed may be tried again with the same.
    if (answer === undefined) return
    onSelect(new Set())
    setNote('')
  }
  return (
    <div class="row bulk" role="group" aria-label={selected}>
      <span aria-live="polite">{selected}</span>
      {selection !== 'all' && (
        <button type="button" class="quiet" onClick={() => onSelect('all')}>
          {w.allMatching(matching)}
        </button>
      )}
      <button type="button" class="quiet" onClick={() => onSelect(new Set())}>
        {w.deselect}
      </button>
      {(['pause', 'resume', 'trigger', 'remove'] as const)
        .filter((kind) => mayAct(kind === 'remove' ? 'admin' : 'operator'))
        .map((kind) => (
          <button key={kind} type="button" class={kind === 'remove' ? 'danger' : ''} onClick={() => setAsking(kind)}>
            {w[kind]}
          </button>
        ))}
      {asking && (
        <Confirm
          isOpen
          title={w.sure[asking](count)}
          action={w[asking]}
          isDangerous={asking === 'remove'}
          onConfirm={() => perform(asking)}
          onClose={() => setAsking(undefined)}
        >
          {(asking === 'pause' || asking === 'resume') && (
            <label>
              {w.note}
              <input value={note} onInput={(event) => setNote(event.currentTarget.value)} />
            </label>
          )}
        </Confirm>
      )}
    </div>
  )
}
