import { durationText, Instant } from '../../parts/instant.tsx'
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
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">{w.attempt}</th>
                <th scope="col">{w.started}</th>
                <th scope="col">{w.duration}</th>
                <th scope="col" />
                <th scope="col">{w.node}</th>
                <th scope="col">{w.error}</th>
              </tr>
            </thead>
            <tbody>
              {attempts.map(({ attempt, node_id, started_at, finished_at, status, error }) => (
                <tr key={attempt}>
                  <td>{attempt}</td>
                  <td>
                    <Instant at={started_at} />
                  </td>
                  <td>{finished_at !== null && durationText(Date.parse(finished_at) - Date.parse(started_at))}</td>
                  <td>{status}</td>
                  <td>
                    <code>{node_id.slice(0, 8)}</code>
                  </td>
                  <td>{error?.message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
