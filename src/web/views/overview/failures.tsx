import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Instant } from '../../parts/instant.tsx'
import { words } from './words.ts'

const shown = 8

/** The runs that failed last. */
export function Failures() {
  const w = words.value
  const query = useQuery(
    'failures',
    (signal) => api.call('GET /runs', { query: { status: 'failed', per_page: shown }, signal }),
    { on: ({ type }) => type === 'run.failed' },
  )
  return (
    <section class="card stack">
      <h2>{w.failures}</h2>
      <Answer query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{w.noFailures}</p>
          ) : (
            <ul class="plain">
              {data.map(({ id, schedule_name: name, scheduled_for: at, error, reason }) => (
                <li key={id}>
                  <a href={`/runs/${id}`}>{name}</a>{' '}
                  <span class="soft">
                    <Instant at={at} isRelative />
                  </span>
                  <p class="clip">{error?.message ?? reason}</p>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  )
}
