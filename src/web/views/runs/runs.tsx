import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { runStatuses } from '../../../core/run-state.ts'
import { api } from '../../data/api.ts'
import { type Narrowing, useFilter } from '../../data/filter.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { ChoiceFilter, Filters, TaskFilter } from '../../parts/filters.tsx'
import { Instant, ownZone } from '../../parts/instant.tsx'
import { latenessOf } from '../../parts/lateness.ts'
import { narrow, useMedia } from '../../parts/media.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { Reason } from '../../parts/reason.tsx'
import { Status } from '../../parts/status.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { words as partWords } from '../../parts/words.ts'
import { type Filter, origins, readFilter, toQuery } from './filter.ts'
import './runs.css'
import { words } from './words.ts'

export type Run = AnswerOf<'GET /runs'>['data'][number]

const rowHeight = 48
const cardHeight = 108
const perPage = 100

/** The runs of all schedules, the latest first. */
export function Runs() {
  const w = words.value
  const narrowing = useFilter('/runs', readFilter)
  const isNarrow = useMedia(narrow)
  const pages = usePages<Run>({
    key: narrowing.address,
    perPage,
    load: (part, signal) =>
      api.call('GET /runs', {
        query: { ...toQuery(narrowing.filter), ...part },
        signal,
      }),
    on: ({ type }) => type.startsWith('run.'),
  })
  const { rows, total, isTotalExact } = pages
  return (
    <div class="stack">
      <PageHead title={w.title} count={total !== null && w.count(total, isTotalExact)} />
      <RunFilters narrowing={narrowing} />
      {pages.error && <Failure error={pages.error} onRetry={pages.reload} />}
      {rows.length === 0 && !pages.isLoading ? (
        <p class="card">{narrowing.isNarrowed ? w.noMatch : w.none}</p>
      ) : (
        <VirtualRows
          label={w.title}
          rows={rows}
          rowHeight={isNarrow ? cardHeight : rowHeight}
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

function RunFilters({ narrowing }: { narrowing: Narrowing<Filter> }) {
  const w = words.value
  const { filter, set } = narrowing
  return (
    <Filters narrowing={narrowing}>
      <ChoiceFilter
        label={w.status}
        any={w.anyStatus}
        choices={runStatuses}
        nameOf={(status) => partWords.value.statuses[status]}
        value={filter.status}
        onChange={(status) => set({ status })}
      />
      <TaskFilter value={filter.task} onChange={(task) => set({ task })} />
      <ChoiceFilter
        label={w.origin}
        any={w.anyOrigin}
        choices={origins}
        nameOf={(origin) => partWords.value.origins[origin]}
        value={filter.origin}
        onChange={(origin) => set({ origin })}
      />
      {(['from', 'until'] as const).map((end) => (
        <label key={end}>
          {w[end]} ({ownZone})
          <input
            type="datetime-local"
            value={filter[end]}
            onChange={(event) => set({ [end]: event.currentTarget.value })}
          />
        </label>
      ))}
    </Filters>
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
  const lateness = latenessOf(run)
  return (
    <div class="run-columns">
      <span role="cell">
        <a href={`/runs/${run.id}`}>{run.schedule_name}</a>
        <small class="soft">{run.task_name}</small>
      </span>
      <span role="cell">
        <Instant at={run.scheduled_for} /> <small class="soft">{partWords.value.origins[run.origin]}</small>
      </span>
      <span role="cell">
        <Status status={run.status} />
      </span>
      <span role="cell" title={run.error?.message}>
        {run.reason === null ? run.error?.message : <Reason reason={run.reason} />}
      </span>
      <span role="cell">{lateness !== null && durationText(lateness)}</span>
      <span role="cell">{run.duration_ms !== null && durationText(run.duration_ms)}</span>
    </div>
  )
}
