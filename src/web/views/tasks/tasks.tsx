import type { AnswerOf } from '../../../client/client.ts'
import { api } from '../../data/api.ts'
import { addressWith } from '../../data/filter.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Instant } from '../../parts/instant.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Table } from '../../parts/table.tsx'
import { locale } from '../../words/words.ts'
import './tasks.css'
import { words } from './words.ts'

type Task = AnswerOf<'GET /tasks'>['data'][number]

/** Workers come and go without a word. */
const everyMs = 5_000

/** What workers can do. */
export function Tasks() {
  const w = words.value
  const query = useQuery('tasks', (signal) => api.call('GET /tasks', { signal }), {
    on: ({ type }) => type === 'schedule.created' || type === 'schedule.deleted',
    everyMs,
  })
  return (
    <div class="stack">
      <PageHead title={w.title} count={query.data && w.count(query.data.data.length)} />
      <Answer query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <p class="card">{w.none}</p>
          ) : (
            <Table label={w.title} columns={[w.name, w.workers, w.schedules, w.payload, w.published]}>
              {data.map((task) => (
                <Row key={task.name} task={task} />
              ))}
            </Table>
          )
        }
      </Answer>
    </div>
  )
}

function Row({ task }: { task: Task }) {
  const w = words.value
  const { name, description, live_workers: workers, payload_schema: schema, published_at: published } = task
  return (
    <tr>
      <th scope="row" class="task-name">
        {name}
        <p class="soft">{description}</p>
      </th>
      <td>{workers > 0 ? workers : <span class="badge badge-warn">! {w.noWorker}</span>}</td>
      <td>
        <Schedules task={task} />
      </td>
      <td>
        {schema === null ? (
          <span class="soft">{w.anyPayload}</span>
        ) : (
          <details>
            <summary aria-label={`${w.schema}: ${name}`}>{w.schema}</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre tabIndex={0}>{JSON.stringify(schema, null, 2)}</pre>
          </details>
        )}
      </td>
      <td>
        <Instant at={published} />
      </td>
    </tr>
  )
}

function Schedules({ task: { name, schedules, schedules_is_estimated: isEstimated } }: { task: Task }) {
  const w = words.value
  const count =
    schedules === null ? w.unknown : `${isEstimated ? w.about : ''}${schedules.toLocaleString(locale.value)}`
  return (
    <a href={addressWith('/schedules', { task: name })} aria-label={w.schedulesOf(count, name)}>
      {count}
    </a>
  )
}
