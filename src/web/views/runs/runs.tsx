import { useLocation } from 'preact-iso'
import type { AnswerOf } from '../../../client/client.ts'
import { runStatuses } from '../../../core/run-state.ts'
import { api } from '../../data/api.ts'
import { usePages } from '../../data/pages.ts'
import { useQuery } from '../../data/query.ts'
import { Failure } from '../../parts/answer.tsx'
import { durationText, Instant } from '../../parts/instant.tsx'
import { Status } from '../../parts/status.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { words as partWords } from '../../parts/words.ts'
import { addressOf, type Filter, none, readFilter, toQuery } from './filter.ts'
import './runs.css'
import { words } from './words.ts'

export type Run = AnswerOf<'GET /runs'>['data'][number]

const rowHeight = 48
const perPage = 100

/** The runs of all schedules, the latest first. */
export function Runs() {
  const w = words.value
  const { query, route } = useLocation()
  const filter = readFilter(query)
  const pages = usePages<Run>(
    addressOf(filter),
    (cursor, signal) =>
      api.call('GET /runs', {
        query: { ...toQuery(filter), per_page: perPage, ...(cursor !== undefined && { cursor }) },
        signal,
      }),
    ({ type }) => type.startsWith('run.'),
  )
  const { rows, total, isTotalExact } = pages
  return (
    <div class="stack">
      <div class="row page-head">
        <h1>{w.title}</h1>
        <span class="soft" aria-live="polite">
          {total !== null && w.count(total, isTotalExact)}
        </span>
      </div>
      <Filters filter={filter} onChange={(changed) => route(addressOf(changed), true)} />
      {pages.error && <Failure error={pages.error} onRetry={pages.reload} />}
      {rows.length === 0 && !pages.isLoading ? (
        <p class="card">{addressOf(filter) === addressOf(none) ? w.none : w.noMatch}</p>
      ) : (
        <VirtualRows
          label={w.title}
          rows={rows}
          rowHeight={rowHeight}
          head={<Head />}
          keyOf={({ id }) => id}
          hasMore={pages.hasMore}
          onEnd={pages.more}
        >
          {(run) => <Row run={run} />}
        </VirtualRows>
      )}
    </div>
  )
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const w = words.value
  const tasks = useQuery('tasks', (signal) => api.call('GET /tasks', { signal }))
  const set = (name: keyof Filter) => (event: { currentTarget: { value: string } }) =>
    onChange({ ...filter, [name]: event.currentTarget.value })
  return (
    <search class="row filters">
      <label>
        {w.status}
        <select value={filter.status} onChange={set('status')}>
          <option value="">{w.anyStatus}</option>
          {runStatuses.map((status) => (
            <option key={status} value={status}>
              {partWords.value.statuses[status]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {w.task}
        <select value={filter.task} onChange={set('task')}>
          <option value="">{w.anyTask}</option>
          {tasks.data?.data.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {w.origin}
        <select value={filter.origin} onChange={set('origin')}>
          <option value="">{w.anyOrigin}</option>
          {Object.entries(w.origins).map(([origin, text]) => (
            <option key={origin} value={origin}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        {w.from}
        <input type="datetime-local" value={filter.from} onChange={set('from')} />
      </label>
      <label>
        {w.until}
        <input type="datetime-local" value={filter.until} onChange={set('until')} />
      </label>
      {addressOf(filter) !== addressOf(none) && (
        <button type="button" onClick={() => onChange(none)}>
          {w.clear}
        </button>
      )}
    </search>
  )
}

function Head() {
  const w = words.value
  return (
    <div class="run-columns columns-head" role="row">
      <span role="columnheader">{w.schedule}</span>
      <span role="columnheader">{w.scheduledFor}</span>
      <span role="columnheader">{w.status}</span>
      <span role="columnheader">{w.reason}</span>
      <span role="columnheader">{w.lateness}</span>
      <span role="columnheader">{w.duration}</span>
    </div>
  )
}

function Row({ run }: { run: Run }) {
  return (
    <div class="run-columns">
      <span role="cell">
        <a href={`/runs/${run.id}`}>{run.schedule_name}</a>
        <small class="soft">{run.task_name}</small>
      </span>
      <span role="cell">
        <Instant at={run.scheduled_for} />
        <small class="soft">{words.value.origins[run.origin]}</small>
      </span>
      <span role="cell">
        <Status status={run.status} />
      </span>
      <span role="cell" title={run.error?.message}>
        {run.reason ?? run.error?.message}
      </span>
      <span role="cell">{run.lateness_ms !== null && durationText(run.lateness_ms)}</span>
      <span role="cell">{run.duration_ms !== null && durationText(run.duration_ms)}</span>
    </div>
  )
}
