import { type BackfillState, backfillStates } from '../../../core/backfill.ts'
import { api } from '../../data/api.ts'
import { useFilter } from '../../data/filter.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { ChoiceFilter, Filters } from '../../parts/filters.tsx'
import { MoreAtEnd } from '../../parts/more.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { type Backfill, BackfillRow } from './backfill.tsx'
import { words } from './words.ts'

const perPage = 50

type Filter = { readonly status: '' | BackfillState }

const readFilter = ({ status }: Readonly<Record<string, string>>): Filter => ({
  status: backfillStates.find((state) => state === status) ?? '',
})

/** The backfills of all schedules, the latest first. */
export function Backfills() {
  const w = words.value
  const narrowing = useFilter('/backfills', readFilter)
  const { status } = narrowing.filter
  const pages = usePages<Backfill>({
    key: narrowing.address,
    perPage,
    load: (part, signal) =>
      api.call('GET /backfills', {
        query: { ...(status !== '' && { status }), ...part },
        signal,
      }),
    on: ({ type, data }) => type.startsWith('backfill.') || (type.startsWith('run.') && data.backfill_id !== null),
  })
  const { rows, total, isTotalExact, isLoading, error } = pages
  return (
    <div class="stack">
      <PageHead title={w.title} count={total !== null && w.count(total, isTotalExact)} />
      <Filters narrowing={narrowing}>
        <ChoiceFilter
          label={w.status}
          any={w.anyStatus}
          choices={backfillStates}
          nameOf={(state) => w.statuses[state]}
          value={status}
          onChange={(status) => narrowing.set({ status })}
        />
      </Filters>
      {error && <Failure error={error} onRetry={pages.reload} />}
      {rows.length === 0 && !isLoading && !error && (
        <p class="card">{narrowing.isNarrowed ? w.noMatch : <NoneYet />}</p>
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
