import type { AnswerOf } from '../../../client/client.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { ownZone } from '../../parts/instant.tsx'
import { words } from './words.ts'

type Minute = AnswerOf<'GET /forecast'>['data'][number]

const everyMs = 60_000
const minutes = 60

/** How much fires in each minute of the next hour. */
export function Density() {
  const w = words.value
  const query = useQuery(
    'forecast',
    (signal) => api.call('GET /forecast', { query: { until: new Date(Date.now() + minutes * 60_000) }, signal }),
    { everyMs, on: ({ type }) => type.startsWith('schedule.') },
  )
  return (
    <section class="card stack">
      <h2>
        {w.density} <small class="soft">({ownZone})</small>
      </h2>
      <Answer query={query}>
        {({ data }) => (data.length === 0 ? <p>{w.densityNone}</p> : <Bars found={data} />)}
      </Answer>
    </section>
  )
}

function Bars({ found }: { found: readonly Minute[] }) {
  const w = words.value
  const most = Math.max(...found.map(({ runs }) => runs))
  const byMinute = new Map(found.map((minute) => [Math.floor(Date.parse(minute.minute) / 60_000), minute]))
  const first = Math.floor(Date.now() / 60_000)
  return (
    <ol class="density">
      {Array.from({ length: minutes }, (_, index) => {
        const minute = first + index
        const entry = byMinute.get(minute)
        const at = new Date(minute * 60_000).toTimeString().slice(0, 5)
        const runs = entry?.runs ?? 0
        const named = entry?.schedules.map(({ name, runs: times }) => `${name} ×${times}`).join(', ') ?? ''
        return (
          <li key={minute} title={`${w.densityRuns(runs, at)}${named === '' ? '' : `: ${named}`}`}>
            <i style={{ height: `${runs === 0 ? 0 : Math.max(4, (runs / most) * 100)}%` }} />
            <span class={index % 10 === 0 ? 'density-label' : 'visually-hidden'}>
              {index % 10 === 0 ? at : w.densityRuns(runs, at)}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
