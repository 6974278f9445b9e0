import { useState } from 'preact/hooks'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Instant } from '../../parts/instant.tsx'
import type { Node } from './nodes.tsx'
import { words } from './words.ts'

const everyMs = 2_000
const most = 20

interface CurrentRunsProps {
  readonly node: Node
  readonly isOpenAtFirst: boolean
}

/** What a worker runs now; asked for while it is open. */
export function CurrentRuns({ node, isOpenAtFirst }: CurrentRunsProps) {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst)
  return (
    <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{words.value.runs}</summary>
      {isOpen && <RunList node={node} />}
    </details>
  )
}

function RunList({ node: { id } }: { node: Node }) {
  const w = words.value
  const query = useQuery(
    `runs on ${id}`,
    (signal) => api.call('GET /runs', { query: { node_id: id, per_page: most }, signal }),
    { everyMs },
  )
  return (
    <Answer query={query}>
      {({ data, meta }) =>
        data.length === 0 ? (
          <p class="soft">{w.noRuns}</p>
        ) : (
          <ul class="current-runs">
            {data.map((run) => (
              <li key={run.id}>
                <a href={`/runs/${run.id}`}>{run.schedule_name}</a> <span class="soft">{run.task_name}</span>{' '}
                <Instant at={run.started_at} isRelative />
              </li>
            ))}
            {(meta.total ?? 0) > data.length && (
              <li class="soft">{w.more(`${(meta.total ?? 0) - data.length}${meta.total_is_exact ? '' : '+'}`)}</li>
            )}
          </ul>
        )
      }
    </Answer>
  )
}
