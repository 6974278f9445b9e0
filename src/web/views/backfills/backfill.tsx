import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../client/client.ts'
import { act } from '../../data/act.ts'
import { api, mayAct } from '../../data/api.ts'
import type { Pages } from '../../data/pages.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Instant } from '../../parts/instant.tsx'
import './backfills.css'
import { words } from './words.ts'

export type Backfill = AnswerOf<'GET /backfills'>['data'][number]

const tones = {
  listing: 'busy',
  listed: 'quiet',
  running: 'busy',
  completed: 'good',
  cancelled: 'quiet',
  failed: 'bad',
} as const

const signs = { listing: '…', listed: '○', running: '▶', completed: '✓', cancelled: '⊘', failed: '✕' } as const

interface BackfillRowProps {
  readonly backfill: Backfill
  /** The list that it is in. */
  readonly pages: Pages<Backfill>
  /** Whether it is among those of other schedules. */
  readonly isNamed?: boolean
}

/** A backfill, how far it is, and what ends it. */
export function BackfillRow({ backfill, pages, isNamed = false }: BackfillRowProps) {
  const w = words.value
  const { starts_at: from, ends_at: until, status, progress, error } = backfill
  const done = progress.succeeded + progress.failed + progress.cancelled + progress.taken_over
  return (
    <li class="stack backfill">
      <div class="row">
        {isNamed && <a href={`/schedules/${backfill.schedule_id}`}>{backfill.schedule_name}</a>}
        <span>
          <Instant at={from} /> – <Instant at={until} />
        </span>
        <span class={`badge badge-${tones[status]}`}>
          <span aria-hidden="true">{signs[status]}</span> {w.statuses[status]}
        </span>
        <label class="row">
          <progress value={done} max={Math.max(1, progress.chosen)} />
          {w.progress(done, progress.chosen)}
        </label>
        {progress.failed > 0 && <span class="badge badge-bad">✕ {w.failures(progress.failed)}</span>}
        <Cancel backfill={backfill} pages={pages} />
      </div>
      <div class="row soft">
        <span>{w.which[backfill.which]}</span>
        <span>{w.atOnce(backfill.max_active)}</span>
        <span>
          {w.begun} <Instant at={backfill.created_at} /> {w.by(backfill.created_by)}
        </span>
      </div>
      {error !== null && <p class="field-error">{error}</p>}
    </li>
  )
}

function Cancel({ backfill: { id, schedule_name: name, status }, pages }: BackfillRowProps) {
  const w = words.value
  const [isAsking, setIsAsking] = useState(false)
  const isOver = status === 'completed' || status === 'cancelled' || status === 'failed'
  if (isOver || !mayAct('operator')) return null
  const cancel = () =>
    act({
      run: () => api.call('POST /backfills/{id}/cancel', { params: { id } }),
      assume: () =>
        pages.assume((rows) => rows.map((row) => (row.id === id ? { ...row, status: 'cancelled' as const } : row))),
      done: () => w.cancelled,
      failed: w.notCancelled,
      settle: pages.reload,
    })
  return (
    <>
      <button type="button" onClick={() => setIsAsking(true)}>
        {w.cancel}
      </button>
      <Confirm
        isOpen={isAsking}
        title={w.cancelSure(name)}
        action={w.cancel}
        isDangerous
        onConfirm={cancel}
        onClose={() => setIsAsking(false)}
      >
        <p>{w.cancelWhat}</p>
      </Confirm>
    </>
  )
}
