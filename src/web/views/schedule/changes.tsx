import type { AnswerOf } from '../../../client/client.ts'
import { api } from '../../data/api.ts'
import { usePages } from '../../data/pages.ts'
import { Differences } from '../../parts/differences.tsx'
import { Instant } from '../../parts/instant.tsx'
import { More } from '../../parts/more.tsx'
import { words as partWords } from '../../parts/words.ts'
import type { Schedule } from './schedule.tsx'
import { words } from './words.ts'

type Event = AnswerOf<'GET /schedules/{id}/events'>['data'][number]

/** What was done to it, by whom. */
export function Changes({ schedule: { id } }: { schedule: Schedule }) {
  const w = words.value
  const pages = usePages<Event>({
    key: `events of ${id}`,
    perPage: 20,
    load: (part, signal) =>
      api.call('GET /schedules/{id}/events', {
        params: { id },
        query: part,
        signal,
      }),
    on: ({ type, data }) => type.startsWith('schedule.') && data.schedule_id === id,
  })
  return (
    <section class="card stack">
      <h2>{w.history}</h2>
      <ol class="changes plain">
        {pages.rows.map((event) => (
          <li key={event.id}>
            <p>
              <strong>{partWords.value.eventTypes[event.event_type]}</strong> {w.by(event.changed_by)}{' '}
              <Instant at={event.occurred_at} /> <span class="soft">{w.revision(event.revision)}</span>{' '}
              {event.note !== null && <em>{event.note}</em>}
            </p>
            <Differences changes={event.changes} />
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </section>
  )
}
