import { exactTime, ownZone, timeOfDay } from '../../parts/instant.tsx'
import type { Run } from './run.tsx'
import { words } from './words.ts'

/** What a run's attempts logged. */
export function Logs({ run: { logs, logs_truncated: isTruncated } }: { run: Run }) {
  const w = words.value
  return (
    <section class="card stack" aria-label={w.logs}>
      <h2>
        {w.logs} <small class="soft">({ownZone})</small>
      </h2>
      {logs.length === 0 ? (
        <p>{w.noLogs}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <ol class="logs" tabIndex={0}>
          {logs.map(({ attempt, line, logged_at, level, message, fields }) => (
            <li key={`${attempt}/${line}`} class={`log-${level}`}>
              <time dateTime={logged_at} title={exactTime(logged_at)}>
                {timeOfDay(logged_at)}
              </time>{' '}
              <b>{level}</b> {message} {fields !== null && <span class="soft">{JSON.stringify(fields)}</span>}
            </li>
          ))}
        </ol>
      )}
      {isTruncated && <p class="soft">{w.moreLogs}</p>}
    </section>
  )
}
