import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Charts } from './charts.tsx'
import { Density } from './density.tsx'
import { Failures } from './failures.tsx'
import { Figures } from './figures.tsx'
import { Health } from './health.tsx'
import { NotRun } from './not-run.tsx'
import './overview.css'
import { words } from './words.ts'

const statsEveryMs = 2_000

/** Whether all is well, and what there is to look at. */
export function Overview() {
  const stats = useQuery('stats', (signal) => api.call('GET /stats', { signal }), { everyMs: statsEveryMs })
  return (
    <div class="stack">
      <h1>{words.value.title}</h1>
      <Answer query={stats}>
        {({ data }) => (
          <>
            <Health stats={data} />
            <Figures stats={data} />
            <Charts />
            <Density />
            <div class="grid">
              <Failures />
              <NotRun stats={data} />
            </div>
          </>
        )}
      </Answer>
    </div>
  )
}
