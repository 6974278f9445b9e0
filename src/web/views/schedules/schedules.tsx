import { useCallback, useEffect, useState } from 'preact/hooks'
import { api, mayAct } from '../../data/api.ts'
import { useFilter } from '../../data/filter.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { Instant } from '../../parts/instant.tsx'
import { narrow, useMedia } from '../../parts/media.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { Strip } from '../../parts/status.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { whenOf } from '../../parts/when.ts'
import { Bulk, type Selection } from './bulk.tsx'
import { readFilter, toQuery } from './filter.ts'
import { ScheduleFilters } from './filters.tsx'
import { Health, type Schedule } from './health.tsx'
import { RecentRuns } from './recent-runs.ts'
import './schedules.css'
import { words } from './words.ts'

const rowHeight = 52
const cardHeight = 134
const perPage = 200

/** All schedules, and what can be done to many of them at once. */
export function Schedules() {
  const w = words.value
  const narrowing = useFilter('/schedules', readFilter)
  const { filter, address } = narrowing
  const isNarrow = useMedia(narrow)
  const [recentRuns] = useState(() => new RecentRuns())
  useEffect(() => recentRuns.follow(), [recentRuns])
  const [selection, setSelection] = useState<Selection>(new Set())
  // What was selected from another list is not what is seen.
  useEffect(() => setSelection(new Set()), [address])
  const pages = usePages({
    key: address,
    perPage,
    load: (part, signal) =>
      api.call('GET /schedules', {
        query: { ...toQuery(filter), ...part },
        signal,
      }),
    on: ({ type }) => type.startsWith('schedule.'),
  })
  const { rows, total, isTotalExact } = pages
  const matching = w.count(total ?? rows.length, isTotalExact)
  const isSelected = (id: string) => selection === 'all' || selection.has(id)
  const toggle = useCallback((id: string) => {
    setSelection((before) => {
      const after = new Set(before === 'all' ? [] : before)
      if (!after.delete(id)) after.add(id)
      return after
    })
  }, [])
  const hasSelection = selection === 'all' || selection.size > 0
  return (
    <div class="stack">
      <PageHead title={w.title} count={total !== null && matching}>
        {mayAct('admin') && (
          <a class="button primary" href="/schedules/new">
            {w.create}
          </a>
        )}
      </PageHead>
      <ScheduleFilters narrowing={narrowing} />
      {hasSelection && (
        <Bulk selection={selection} filter={filter} matching={matching} onSelect={setSelection} pages={pages} />
      )}
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
          {(schedule) => (
            <Row
              schedule={schedule}
              recentRuns={recentRuns}
              isSelected={isSelected(schedule.id)}
              onToggle={() => toggle(schedule.id)}
            />
          )}
        </VirtualRows>
      )}
    </div>
  )
}

function Head() {
  const w = words.value
  return (
    <div class="schedule-columns columns-head" role="row">
      <span role="columnheader" />
      <span role="columnheader">{w.name}</span>
      <span role="columnheader">{w.when}</span>
      <span role="columnheader">{w.health}</span>
      <span role="columnheader">{w.lastRuns}</span>
      <span role="columnheader">{w.nextRun}</span>
    </div>
  )
}

interface RowProps {
  readonly schedule: Schedule
  readonly recentRuns: RecentRuns
  readonly isSelected: boolean
  readonly onToggle: () => void
}

function Row({ schedule, recentRuns, isSelected, onToggle }: RowProps) {
  const { id, name, task_name: task, timezone, next_run_at: next } = schedule
  useEffect(() => recentRuns.see(id), [recentRuns, id])
  const runs = recentRuns.of(id)
  const lastStatus = runs?.find(({ status }) => status === 'succeeded' || status === 'failed')?.status
  return (
    <div class="schedule-columns">
      <span role="cell">
        <input type="checkbox" aria-label={words.value.select(name)} checked={isSelected} onChange={onToggle} />
      </span>
      <span role="cell">
        <a href={`/schedules/${id}`}>{name}</a>
        <small class="soft">{task}</small>
      </span>
      <span role="cell" title={schedule.cron_expression ?? undefined}>
        {whenOf(schedule)} <small class="soft">{timezone}</small>
      </span>
      <span role="cell">
        <Health schedule={schedule} lastStatus={lastStatus} />
      </span>
      <span role="cell">{runs && <Strip runs={runs} />}</span>
      <span role="cell">
        <Instant at={next} isRelative />{' '}
        {next !== null && (
          <small class="soft">
            <Instant at={next} zone={timezone} />
          </small>
        )}
      </span>
    </div>
  )
}
