import { Reason } from '../../parts/reason.tsx'
import { Status } from '../../parts/status.tsx'
import type { Stats } from './health.tsx'
import { words } from './words.ts'

/** What did not run in the last hour, and why. */
export function NotRun({ stats: { not_run_last_hour: notRun } }: { stats: Stats }) {
  const w = words.value
  return (
    <section class="card stack">
      <h2>{w.notRun}</h2>
      {notRun.by_reason.length === 0 ? (
        <p>{w.allRan}</p>
      ) : (
        <ul class="plain">
          {notRun.by_reason.map(({ status, reason, instants }) => (
            <li key={`${status} ${reason}`} class="row">
              <Status status={status} />
              <a href={`/runs?status=${status}`}>
                <Reason reason={reason} />
              </a>
              <span>{w.instants(instants, notRun.is_bounded)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
