import type { ComponentChildren } from 'preact'
import { useRoute } from 'preact-iso'
import type { AnswerOf } from '../../../client/client.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { isoDurationText } from '../../parts/duration.ts'
import { Instant } from '../../parts/instant.tsx'
import { whenOf } from '../../parts/when.ts'
import { words as partWords } from '../../parts/words.ts'
import { Health } from '../schedules/health.tsx'
import { Actions, type ActionsProps } from './actions.tsx'
import { Backfills } from './backfills.tsx'
import { Changes } from './changes.tsx'
import { Next } from './next.tsx'
import { Runs } from './runs.tsx'
import './schedule.css'
import { words } from './words.ts'

export type Schedule = AnswerOf<'GET /schedules/{id}'>['data']

/** One schedule: what it does, when, and what became of it. */
export function SchedulePage() {
  const { id = '' } = useRoute().params
  const query = useQuery(`schedule ${id}`, (signal) => api.call('GET /schedules/{id}', { params: { id }, signal }), {
    on: ({ type, data }) => /^(schedule|run)\./.test(type) && data.schedule_id === id,
  })
  return (
    <Answer query={query}>
      {({ data }) => (
        <div class="stack">
          <Head schedule={data} query={query} />
          <Facts schedule={data} />
          <Next schedule={data} />
          <Runs schedule={data} />
          <Backfills schedule={data} />
          <Changes schedule={data} />
        </div>
      )}
    </Answer>
  )
}

function Head({ schedule, query }: ActionsProps) {
  const w = words.value
  const {
    name,
    description,
    error,
    enabled,
    pause_note: note,
    paused_at: pausedAt,
    task_has_worker: hasWorker,
  } = schedule
  return (
    <header class="stack">
      <div class="row page-head">
        <h1>{name}</h1>
        <Health schedule={schedule} />
        <Actions schedule={schedule} query={query} />
      </div>
      <p>
        <strong>{whenOf(schedule)}</strong> <span class="soft">({schedule.timezone})</span>
      </p>
      {description !== null && <p>{description}</p>}
      {error !== null && (
        <p class="failure" role="alert">
          {w.invalid}: {error}
        </p>
      )}
      {!enabled && (
        <p class="card">
          {w.pausedSince} <Instant at={pausedAt} /> {note !== null && <em>{note}</em>}
        </p>
      )}
      {enabled && !hasWorker && <p class="card">{w.noWorker}</p>}
    </header>
  )
}

function Facts({ schedule }: { schedule: Schedule }) {
  const w = words.value
  const { overlap_policy: overlap, catch_up: catchUp, catch_up_window: window, timeout, jitter } = schedule
  const facts: [string, ComponentChildren][] = [
    [w.task, schedule.task_name],
    [w.overlap, <Policy key={overlap} code={overlap} text={partWords.value.overlaps[overlap]} />],
    [w.catchUp, <Policy key={catchUp} code={catchUp} text={partWords.value.catchUps[catchUp]} />],
    [w.catchUpWindow, window && isoDurationText(window)],
    [w.attempts, String(schedule.max_attempts)],
    [w.timeout, timeout && isoDurationText(timeout)],
    [w.jitter, jitter && isoDurationText(jitter)],
    [w.category, schedule.category],
    [w.tags, schedule.tags.join(', ') || null],
  ]
  return (
    <div class="grid">
      <section class="card stack" aria-label={w.policies}>
        <h2>{w.policies}</h2>
        <dl class="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? <span class="soft">{w.none}</span>}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="card stack" aria-label={w.payload}>
        <h2>{w.payload}</h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{JSON.stringify(schedule.payload, null, 2)}</pre>
      </section>
    </div>
  )
}

function Policy({ code, text }: { code: string; text: string }) {
  return (
    <>
      <code>{code}</code>: {text}
    </>
  )
}
