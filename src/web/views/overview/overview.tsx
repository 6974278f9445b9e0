import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { words } from '../../shell/words.ts'

export function Overview() {
  const stats = useQuery('stats', (signal) => api.call('GET /stats', { signal }), { everyMs: 2_000 })
  return (
    <>
      <h1>{words.value.overview}</h1>
      <Answer query={stats}>{({ data }) => <pre>{JSON.stringify(data, null, 2)}</pre>}</Answer>
    </>
  )
}
