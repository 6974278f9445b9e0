import { useLocation } from 'preact-iso'
import type { AnswerOf } from '../../../client/client.ts'
import { scheduleEventTypes } from '../../../core/schedule-event.ts'
import { api } from '../../data/api.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { Differences } from '../../parts/differences.tsx'
import { Instant } from '../../parts/instant.tsx'
import { MoreAtEnd } from '../../parts/more.tsx'
import { TextFilter } from '../../parts/text-filter.tsx'
import './audit.css'
import { addressOf, type Filter, none, readFilter, toQuery } from './filter.ts'
import { words } from './words.ts'

type Entry = AnswerOf<'GET /audit'>['data'][number]

const perPage = 50

/** What was done to schedules, by whom, the latest first. */
export function Audit() {
  const w = words.value
  const { query, route } = useLocation()
  const filter = readFilter(query)
  const address = addressOf(filter)
  const pages = usePages<Entry>(
    address,
    (cursor, signal) =>
      api.call('GET /audit', {
        query: { ...toQuery(filter), per_page: perPage, ...(cursor !== undefined && { cursor }) },
        signal,
      }),
    ({ type }) => type.startsWith('schedule.'),
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
      <Filters filter={filter} onChange={(changed) => route(addressOf(changed), true)} />
      {error && <Failure error={error} onRetry={pages.reload} />}
      {rows.length === 0 && !isLoading && !error && (
        <p class="card">{address === addressOf(none) ? w.none : w.noMatch}</p>
      )}
      {rows.length > 0 && (
        <ol class="card plain trail" aria-label={w.title}>
          {rows.map((entry) => (
            <Row key={entry.id} entry={entry} filter={filter} />
          ))}
        </ol>
      )}
      <MoreAtEnd pages={pages} />
      {rows.length > perPage && !pages.hasMore && <p class="soft">{w.end}</p>}
    </div>
  )
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const w = words.value
  const set = (part: Partial<Filter>) => onChange({ ...filter, ...part })
  return (
    <search class="row filters">
      <label>
        {w.what}
        <select value={filter.type} onChange={(event) => set({ type: event.currentTarget.value as Filter['type'] })}>
          <option value="">{w.anything}</option>
          {scheduleEventTypes.map((type) => (
            <option key={type} value={type}>
              {w.types[type]}
            </option>
          ))}
        </select>
      </label>
      <TextFilter label={w.who} value={filter.who} onChange={(who) => set({ who })} />
      <TextFilter label={w.schedule} isSearch value={filter.schedule} onChange={(schedule) => set({ schedule })} />
      {addressOf(filter) !== addressOf(none) && (
        <button type="button" onClick={() => onChange(none)}>
          {w.clear}
        </button>
      )}
    </search>
  )
}

function Row({ entry, filter }: { entry: Entry; filter: Filter }) {
  const w = words.value
  const { event_type: type, schedule_id: id, schedule_name: name, changed_by: who, note } = entry
  const { run_id: run, backfill_id: backfill, ...changes } = entry.changes
  const columns = Object.keys(changes).join(', ')
  return (
    <li>
      <p class="row">
        <Instant at={entry.occurred_at} />
        <strong>{w.types[type]}</strong>
        {type === 'deleted' ? <span>{name}</span> : <a href={`/schedules/${id}`}>{name}</a>}
        <span>
          {w.by}{' '}
          <a href={addressOf({ ...filter, who })} title={w.onlyBy(who)}>
            {who}
          </a>
        </span>
        {run !== undefined && <a href={`/runs/${idOf(run)}`}>{w.run(idOf(run))}</a>}
        {backfill !== undefined && <a href="/backfills">{w.backfill(idOf(backfill))}</a>}
        <span class="soft">{w.revision(entry.revision)}</span>
        {note !== null && <em>{note}</em>}
      </p>
      {columns !== '' && (
        <details>
          <summary>{w.changed(columns)}</summary>
          <Differences changes={changes} />
        </details>
      )}
    </li>
  )
}

/** Of what was done to a run or begun. */
function idOf(change: unknown): string {
  return String((change as { readonly to?: unknown }).to)
}
