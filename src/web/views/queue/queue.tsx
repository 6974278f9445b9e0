import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { addressWith } from '../../data/filter.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Table } from '../../parts/table.tsx'
import { words as partWords } from '../../parts/words.ts'
import { locale } from '../../words/words.ts'
import { words } from './words.ts'

type TaskQueue = AnswerOf<'GET /queue'>['data'][number]

/** As often as the API counts anew. */
const everyMs = 2_000

const statuses = ['waiting', 'queued', 'running', 'retrying'] as const

/** How many runs wait for what, and who is free for them. */
export function Queue() {
  const w = words.value
  const query = useQuery('queue', (signal) => api.call('GET /queue', { signal }), { everyMs })
  return (
    <div class="stack">
      <PageHead title={w.title}>
        <span class="soft">
          {query.data && w.total(sumOf(query.data.data, 'queued'), sumOf(query.data.data, 'running'))}
        </span>
      </PageHead>
      <Answer query={query}>
        {({ data, meta }) => (
          <>
            {meta.is_bounded && <p class="card">{w.bounded}</p>}
            {data.length === 0 ? <p class="card">{w.none}</p> : <Depths queues={data} isBounded={meta.is_bounded} />}
          </>
        )}
      </Answer>
    </div>
  )
}

function sumOf(queues: readonly TaskQueue[], status: (typeof statuses)[number]): string {
  return queues.reduce((sum, queue) => sum + queue[status], 0).toLocaleString(locale.value)
}

function Depths({ queues, isBounded }: { queues: readonly TaskQueue[]; isBounded: boolean }) {
  const w = words.value
  const count = (queue: TaskQueue, status: (typeof statuses)[number]) =>
    `${queue[status].toLocaleString(locale.value)}${isBounded ? '+' : ''}`
  return (
    <>
      <Table label={w.title} columns={[w.task, ...statuses.map((status) => w[status]), w.oldest, w.workers, w.free]}>
        {queues.map((queue) => (
          <tr key={queue.task_name}>
            <th scope="row">{queue.task_name}</th>
            {statuses.map((status) => (
              <td key={status}>
                {queue[status] === 0 ? (
                  <span class="soft">0</span>
                ) : (
                  <a
                    href={addressWith('/runs', { status, task: queue.task_name })}
                    aria-label={w.runsOf(count(queue, status), partWords.value.statuses[status], queue.task_name)}
                  >
                    {count(queue, status)}
                  </a>
                )}
              </td>
            ))}
            <td>{queue.oldest_queued_seconds !== null && durationText(queue.oldest_queued_seconds * 1_000)}</td>
            <td>{queue.live_workers}</td>
            <td>
              <Free queue={queue} />
            </td>
          </tr>
        ))}
      </Table>
      <p class="hint">
        {w.oldest}: {w.oldestWhat}. {w.free}: {w.freeWhat}.
      </p>
    </>
  )
}

function Free({ queue: { live_workers: workers, free_slots: free } }: { queue: TaskQueue }) {
  const w = words.value
  if (workers === 0) return <span class="badge badge-warn">! {w.noWorker}</span>
  if (free === null) return <span class="soft">{w.unknown}</span>
  return free > 0 ? <span>{free}</span> : <span class="badge badge-busy">■ {w.full}</span>
}
