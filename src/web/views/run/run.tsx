import { useRoute } from 'preact-iso'
import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Instant } from '../../parts/instant.tsx'
import { latenessOf } from '../../parts/lateness.ts'
import { Reason } from '../../parts/reason.tsx'
import { Status } from '../../parts/status.tsx'
import { words as partWords } from '../../parts/words.ts'
import { Actions, type ActionsProps } from './actions.tsx'
import { Attempts } from './attempts.tsx'
import { Logs } from './logs.tsx'
import { Neighbours } from './neighbours.tsx'
import './run.css'
import { words } from './words.ts'

export type Run = AnswerOf<'GET /runs/{id}'>['data']

/** While it goes on, what it logs is asked for; its changes are told. */
const logsEveryMs = 2_000

/** One run: what happened, attempt by attempt. */
export function RunPage() {
  const { id = '' } = useRoute().params
  const query = useQuery(`run ${id}`, (signal) => api.call('GET /runs/{id}', { params: { id }, signal }), {
    on: ({ type, data }) => type.startsWith('run.') && data.id === id,
    everyMs: logsEveryMs,
  })
  return (
    <Answer query={query}>
      {({ data }) => (
        <div class="stack">
          <Head run={data} query={query} />
          <div class="grid">
            <Facts run={data} />
            <Neighbours run={data} />
          </div>
          {data.error !== null && <Problem error={data.error} />}
          <Attempts run={data} />
          <Logs run={data} />
          <div class="grid">
            <Json title={words.value.result} value={data.result} />
            <Json title={words.value.payload} value={data.payload} />
          </div>
        </div>
      )}
    </Answer>
  )
}

function Head({ run, query }: ActionsProps) {
  const w = words.value
  const { progress } = run
  return (
    <header class="stack">
      <div class="row page-head">
        <h1>{w.title(run.schedule_name)}</h1>
        <span aria-live="polite">
          <Status status={run.status} />
        </span>
        <Actions run={run} query={query} />
      </div>
      {progress !== null && (
        <label class="row">
          <progress value={progress.done} max={Math.max(1, progress.total)} />
          {w.progress(progress.done, progress.total)} {progress.message}
        </label>
      )}
      {run.cancel_requested_at !== null && run.finished_at === null && <p class="card">{w.cancelRequested}</p>}
    </header>
  )
}

function Facts({ run }: { run: Run }) {
  const w = words.value
  const lateness = latenessOf(run)
  return (
    <section class="card stack">
      <h2>{w.facts}</h2>
      <dl class="facts">
        <div>
          <dt>{w.schedule}</dt>
          <dd>
            <a href={`/schedules/${run.schedule_id}`}>{run.schedule_name}</a>
          </dd>
        </div>
        <Fact name={w.scheduledFor} at={run.scheduled_for} />
        <Fact name={w.queued} at={run.queued_at} />
        <Fact name={w.started} at={run.started_at} />
        <Fact name={w.finished} at={run.finished_at} />
        {run.next_attempt_at !== null && <Fact name={w.nextAttempt} at={run.next_attempt_at} />}
        {lateness !== null && (
          <div>
            <dt>{w.lateness}</dt>
            <dd>{durationText(lateness)}</dd>
          </div>
        )}
        <div>
          <dt>{w.duration}</dt>
          <dd>{run.duration_ms !== null && durationText(run.duration_ms)}</dd>
        </div>
        <div>
          <dt>{w.origin}</dt>
          <dd>{partWords.value.origins[run.origin]}</dd>
        </div>
        {run.reason !== null && (
          <div>
            <dt>{w.reason}</dt>
            <dd>
              <Reason reason={run.reason} /> <code class="soft">{run.reason}</code>
            </dd>
          </div>
        )}
        {run.missed_count !== null && (
          <div>
            <dt>{w.covers(run.missed_count)}</dt>
            <dd>
              <Instant at={run.missed_since} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

function Fact({ name, at }: { name: string; at: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Instant at={at} />
      </dd>
    </div>
  )
}

function Problem({ error }: { error: NonNullable<Run['error']> }) {
  const w = words.value
  return (
    <section class="card stack">
      <h2>{w.error}</h2>
      <p>
        <code>{error.code}</code> {error.message}
      </p>
      {error.stack !== undefined && (
        <details>
          <summary>{w.stack}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{error.stack}</pre>
        </details>
      )}
    </section>
  )
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <section class="card stack" aria-label={title}>
      <h2>{title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </section>
  )
}
