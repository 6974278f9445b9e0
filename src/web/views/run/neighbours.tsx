import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Instant } from '../../parts/instant.tsx'
import { Status } from '../../parts/status.tsx'
import type { Run } from './run.tsx'
import { words } from './words.ts'

/** The runs of the schedule right before and right after. */
export function Neighbours({ run: { schedule_id: id, scheduled_for: at } }: { run: Run }) {
  const w = words.value
  const after = new Date(Date.parse(at) + 1)
  const query = useQuery(`neighbours ${id} ${at}`, async (signal) => {
    const [before, next] = await Promise.all([
      api.call('GET /schedules/{id}/runs', { params: { id }, query: { until: at, per_page: 1 }, signal }),
      api.call('GET /schedules/{id}/runs', {
        params: { id },
        query: { from: after, sort: 'scheduled_for', per_page: 1 },
        signal,
      }),
    ])
    return { before: before.data[0], next: next.data[0] }
  })
  const { before, next } = query.data ?? {}
  return (
    <nav class="card stack" aria-label={w.neighbours}>
      <h2>{w.neighbours}</h2>
      {[
        { text: w.earlier, neighbour: before },
        { text: w.later, neighbour: next },
      ].map(
        ({ text, neighbour }) =>
          neighbour !== undefined && (
            <p key={neighbour.id} class="row">
              <a href={`/runs/${neighbour.id}`}>{text}</a> <Instant at={neighbour.scheduled_for} />
              <Status status={neighbour.status} />
            </p>
          ),
      )}
    </nav>
  )
}
