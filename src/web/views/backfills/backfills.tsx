import { useLocation } from 'preact-iso'
import { backfillStates } from '../../../core/backfill.ts'
import { api } from '../../data/api.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { MoreAtEnd } from '../../parts/more.tsx'
import { type Backfill, BackfillRow } from './backfill.tsx'
import { words } from './words.ts'

const perPage = 50

const addressOf = (status: string) => (status === '' ? '/backfills' : `/backfills?status=${status}`)

/** The backfills of all schedules, the latest first. */
export function Backfills() {
  const w = words.value
  const { query, route } = useLocation()
  const status = backfillStates.find((state) => state === query.status)
  const pages = usePages<Backfill>(
    addressOf(status ?? ''),
    (cursor, signal) =>
      api.call('GET /backfills', {
        query: { ...(status && { status }), per_page: perPage, ...(cursor !== undefined && { cursor }) },
        signal,
      }),
    ({ type, data }) => type.startsWith('backfill.') || (type.startsWith('run.') && data.backfill_id !== null),
  )
  const { rows, total, isTotalExact, isLoading, error } = pages
  return (
    <div class="stack">
      <div class="row page-head">
        <h1>{w.title}</h1>
        <span class="soft" aria-live="polite">
          {total !== null && w.count(total, isTotalExact)}
        </span>
      </div>
      <search class="row filters">
        <label>
          {w.status}
          <select value={status ?? ''} onChange={(event) => route(addressOf(event.currentTarget.value), true)}>
            <option value="">{w.anyStatus}</option>
            {backfillStates.map((state) => (
              <option key={state} value={state}>
                {w.statuses[state]}
              </option>
            ))}
          </select>
        </label>
      </search>
      {error && <Failure error={error} onRetry={pages.reload} />}
      {rows.length === 0 && !isLoading && !error && (
        <p class="card">{status === undefined ? <NoneYet /> : w.noMatch}</p>
      )}
      {rows.length > 0 && (
        <ul class="card plain" aria-label={w.title}>
          {rows.map((backfill) => (
            <BackfillRow key={backfill.id} backfill={backfill} pages={pages} isNamed />
          ))}
        </ul>
      )}
      <MoreAtEnd pages={pages} />
    </div>
  )
}

function NoneYet() {
  const w = words.value
  return (
    <>
      {w.none} <a href="/schedules">{w.schedules}</a>
    </>
  )
}
