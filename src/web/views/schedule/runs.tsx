import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { usePages } from '../../data/pages.ts'
import { Failure } from '../../parts/answer.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Instant } from '../../parts/instant.tsx'
import { latenessOf } from '../../parts/lateness.ts'
import { More } from '../../parts/more.tsx'
import { Reason } from '../../parts/reason.tsx'
import { Status, Strip } from '../../parts/status.tsx'
import { Table } from '../../parts/table.tsx'
import { words as partWords } from '../../parts/words.ts'
import type { Schedule } from './schedule.tsx'
import { words } from './words.ts'

type Run = AnswerOf<'GET /schedules/{id}/runs'>['data'][number]

const perPage = 50
const inStrip = 30

/** Every instant that was fired, skipped or missed, the latest first. */
export function Runs({ schedule: { id, timezone } }: { schedule: Schedule }) {
  const w = words.value
  const pages = usePages<Run>({
    key: `runs of ${id}`,
    perPage,
    load: (part, signal) =>
      api.call('GET /schedules/{id}/runs', {
        params: { id },
        query: part,
        signal,
      }),
    on: ({ type, data }) => type.startsWith('run.') && data.schedule_id === id,
  })
  const { rows, error, isLoading } = pages
  return (
    <section class="card stack">
      <div class="row">
        <h2>{w.fires}</h2>
        <Strip runs={rows.slice(0, inStrip)} />
      </div>
      {error && <Failure error={error} onRetry={pages.reload} />}
      {rows.length === 0 && !isLoading ? (
        <p>{w.noRuns}</p>
      ) : (
        <>
          <Charts runs={rows} />
          <RunTable runs={rows} timezone={timezone} />
          <More pages={pages} />
        </>
      )}
    </section>
  )
}

/** Runs that have started, in the order of their instants. */
function Charts({ runs }: { runs: readonly Run[] }) {
  const w = words.value
  const started = runs.filter(({ started_at: at }) => at !== null).toReversed()
  if (started.length < 2) return null
  return (
    <Chart
      title={w.charts}
      at={started.map(({ scheduled_for: at }) => Date.parse(at))}
      lines={[
        { name: w.lateness, colour: '--busy', values: started.map(latenessOf) },
        { name: w.duration, colour: '--accent', values: started.map(({ duration_ms: ms }) => ms) },
      ]}
      format={durationText}
    />
  )
}

function RunTable({ runs, timezone }: { runs: readonly Run[]; timezone: string }) {
  const w = words.value
  return (
    <Table label={w.fires} columns={[w.scheduledFor, w.status, w.reason, w.lateness, w.duration, w.origin]}>
      {runs.map((run) => (
        <tr key={run.id}>
          <td>
            <a href={`/runs/${run.id}`}>
              <Instant at={run.scheduled_for} zone={timezone} />
            </a>
          </td>
          <td>
            <Status status={run.status} />
          </td>
          <td>
            {run.reason === null ? run.error?.message : <Reason reason={run.reason} />}
            {run.missed_count !== null && ` (${w.instants(run.missed_count)})`}
          </td>
          <td>
            <Lateness run={run} />
          </td>
          <td>{run.duration_ms !== null && durationText(run.duration_ms)}</td>
          <td>{partWords.value.origins[run.origin]}</td>
        </tr>
      ))}
    </Table>
  )
}

function Lateness({ run }: { run: Run }) {
  const ms = latenessOf(run)
  return ms !== null && durationText(ms)
}
