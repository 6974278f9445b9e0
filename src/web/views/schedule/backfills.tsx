import { useState } from 'preact/hooks'
import { act } from '../../data/act.ts'
import { api, mayAct } from '../../data/api.ts'
import { usePages } from '../../data/pages.ts'
import { ownZone } from '../../parts/instant.tsx'
import { More } from '../../parts/more.tsx'
import { type Backfill, BackfillRow } from '../backfills/backfill.tsx'
import type { Schedule } from './schedule.tsx'
import { words } from './words.ts'

const whiches = ['missing', 'failed', 'all'] as const

/** Past ranges that are run again: those there were, and a new one. */
export function Backfills({ schedule: { id } }: { schedule: Schedule }) {
  const w = words.value
  const pages = usePages<Backfill>({
    key: `backfills of ${id}`,
    perPage: 10,
    load: (part, signal) =>
      api.call('GET /schedules/{id}/backfills', {
        params: { id },
        query: part,
        signal,
      }),
    on: ({ type, data }) => /^(run|backfill)\./.test(type) && data.schedule_id === id,
  })
  return (
    <section class="card stack">
      <h2>{w.backfills}</h2>
      {mayAct('operator') && <Request id={id} onSettled={pages.reload} />}
      <ul class="plain">
        {pages.rows.map((backfill) => (
          <BackfillRow key={backfill.id} backfill={backfill} pages={pages} />
        ))}
      </ul>
      <More pages={pages} />
    </section>
  )
}

function Request({ id, onSettled }: { id: string; onSettled: () => void }) {
  const w = words.value
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const [which, setWhich] = useState<(typeof whiches)[number]>('missing')
  const [maxActive, setMaxActive] = useState(1)
  const [found, setFound] = useState<{ chosen: number; instants: number }>()
  const range = () => ({
    starts_at: new Date(from).toISOString(),
    ends_at: new Date(until).toISOString(),
    which,
    max_active: maxActive,
  })
  const ask = (isDryRun: boolean) =>
    act({
      run: () => api.call('POST /schedules/{id}/backfill', { params: { id }, body: { ...range(), dry_run: isDryRun } }),
      ...(!isDryRun && { done: () => w.done.backfill }),
      failed: w.failed.backfill,
    })
  const tryFirst = async (event: Event) => {
    event.preventDefault()
    const answer = (await ask(true)) as { meta?: { chosen: number; instants: number } } | undefined
    setFound(answer?.meta)
  }
  const begin = async () => {
    setFound(undefined)
    await ask(false)
    onSettled()
  }
  const changed = () => setFound(undefined)
  return (
    <form class="row" aria-label={w.backfill} onSubmit={tryFirst} onInput={changed}>
      <label>
        {w.from} ({ownZone})
        <input
          type="datetime-local"
          step={1}
          required
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        {w.until} ({ownZone})
        <input
          type="datetime-local"
          step={1}
          required
          value={until}
          onInput={(event) => setUntil(event.currentTarget.value)}
        />
      </label>
      <label>
        {w.which}
        <select value={which} onChange={(event) => setWhich(event.currentTarget.value as typeof which)}>
          {whiches.map((choice) => (
            <option key={choice} value={choice}>
              {w.whiches[choice]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {w.maxActive}
        <input
          type="number"
          min={1}
          max={1_000}
          value={maxActive}
          onInput={(event) => setMaxActive(event.currentTarget.valueAsNumber)}
        />
      </label>
      <button type="submit">{w.tryFirst}</button>
      {found && (
        <span class="row" aria-live="polite">
          {w.wouldRun(found.chosen, found.instants)}
          <button type="button" class="primary" onClick={begin}>
            {w.begin}
          </button>
        </span>
      )}
    </form>
  )
}
