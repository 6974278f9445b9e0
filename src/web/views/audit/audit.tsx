import type { AnswerOf } from '../../../client/client.ts'
import { api } from '../../data/api.ts'
import { addressWith, useFilter } from '../../data/filter.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { Differences } from '../../parts/differences.tsx'
import { ChoiceFilter, Filters } from '../../parts/filters.tsx'
import { Instant } from '../../parts/instant.tsx'
import { MoreAtEnd } from '../../parts/more.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Subject } from '../../parts/subject.tsx'
import { TextFilter } from '../../parts/text-filter.tsx'
import { words as partWords } from '../../parts/words.ts'
import './audit.css'
import { eventTypes, type Filter, readFilter, toQuery } from './filter.ts'
import { words } from './words.ts'

type Entry = AnswerOf<'GET /audit'>['data'][number]

const perPage = 50

/** What was done, by whom, the latest first. */
export function Audit() {
  const w = words.value
  const narrowing = useFilter('/audit', readFilter)
  const { filter } = narrowing
  const pages = usePages<Entry>({
    key: narrowing.address,
    perPage,
    load: (part, signal) =>
      api.call('GET /audit', {
        query: { ...toQuery(filter), ...part },
        signal,
      }),
    on: ({ type }) => type.startsWith('schedule.'),
  })
  const { rows, total, isTotalExact, isLoading, error } = pages
  return (
    <div class="stack">
      <PageHead title={w.title} count={total !== null && w.count(total, isTotalExact)} />
      <Filters narrowing={narrowing}>
        <ChoiceFilter
          label={w.what}
          any={w.anything}
          choices={eventTypes}
          nameOf={(type) => partWords.value.eventTypes[type]}
          value={filter.type}
          onChange={(type) => narrowing.set({ type })}
        />
        <TextFilter label={w.who} value={filter.who} onChange={(who) => narrowing.set({ who })} />
        <TextFilter
          label={w.schedule}
          isSearch
          value={filter.schedule}
          onChange={(schedule) => narrowing.set({ schedule })}
        />
      </Filters>
      {error && <Failure error={error} onRetry={pages.reload} />}
      {rows.length === 0 && !isLoading && !error && <p class="card">{narrowing.isNarrowed ? w.noMatch : w.none}</p>}
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

function Row({ entry, filter }: { entry: Entry; filter: Filter }) {
  const w = words.value
  const { event_type: type, changed_by: who, revision, note } = entry
  const { run_id: run, backfill_id: backfill, ...changes } = entry.changes
  const columns = Object.keys(changes).join(', ')
  return (
    <li>
      <p class="row">
        <Instant at={entry.occurred_at} />
        <strong>{partWords.value.eventTypes[type]}</strong>
        <Subject entry={entry} />
        <span>
          {w.by}{' '}
          <a href={addressWith('/audit', { ...filter, who })} title={w.onlyBy(who)}>
            {who}
          </a>
        </span>
        {run !== undefined && <a href={`/runs/${idOf(run)}`}>{w.run(idOf(run))}</a>}
        {backfill !== undefined && <a href="/backfills">{w.backfill(idOf(backfill))}</a>}
        {revision !== null && <span class="soft">{w.revision(revision)}</span>}
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
