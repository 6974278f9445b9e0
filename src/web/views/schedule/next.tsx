import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Instant } from '../../parts/instant.tsx'
import type { Schedule } from './schedule.tsx'
import { words } from './words.ts'

const shown = 20

/** The next runs, with what changes of clocks do to them. */
export function Next({ schedule }: { schedule: Schedule }) {
  const w = words.value
  const { id, revision, next_run_at: next, timezone } = schedule
  const query = useQuery(`preview ${id} ${revision} ${next}`, (signal) =>
    api.call('GET /schedules/{id}/preview', { params: { id }, query: { count: shown }, signal }),
  )
  return (
    <section class="card stack">
      <h2>{w.next}</h2>
      <Answer query={query}>
        {({ data }) =>
          data.next.length === 0 ? (
            <p>{w.nextNone}</p>
          ) : (
            <ol class="next">
              {data.next.map(({ at, clock_change: change }) => (
                <li key={at}>
                  <Instant at={at} zone={timezone} />
                  <span class="soft">
                    <Instant at={at} isRelative />
                  </span>
                  {change !== null && <span class="badge badge-warn">⚠ {w.clockChanges[change]}</span>}
                </li>
              ))}
            </ol>
          )
        }
      </Answer>
    </section>
  )
}
