import { durationText } from '../../../core/duration-text.ts'
import { Instant } from '../../parts/instant.tsx'
import { Table } from '../../parts/table.tsx'
import type { Run } from './run.tsx'
import { words } from './words.ts'

/** Every try of a run. */
export function Attempts({ run: { attempts } }: { run: Run }) {
  const w = words.value
  return (
    <section class="card stack">
      <h2>{w.attempts}</h2>
      {attempts.length === 0 ? (
        <p>{w.noAttempts}</p>
      ) : (
        <Table label={w.attempts} columns={[w.attempt, w.started, w.duration, w.outcome, w.node, w.error]}>
          {attempts.map(({ attempt, node_id, started_at, finished_at, status, error }) => (
            <tr key={attempt}>
              <td>{attempt}</td>
              <td>
                <Instant at={started_at} />
              </td>
              <td>{finished_at !== null && durationText(Date.parse(finished_at) - Date.parse(started_at))}</td>
              <td>{w.attemptStatuses[status]}</td>
              <td>
                <code>{node_id.slice(0, 8)}</code>
              </td>
              <td>{error?.message}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  )
}
