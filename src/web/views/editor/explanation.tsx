import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../../../client/client.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Instant } from '../../parts/instant.tsx'
import { whenOf } from '../../parts/when.ts'
import { words as scheduleWords } from '../schedule/words.ts'
import { type Draft, timetableOf } from './draft.ts'
import { words } from './words.ts'

const typingMs = 250
const shown = 5

/** What a timetable means, while it is typed. */
export function Explanation({ draft }: { draft: Draft }) {
  const w = words.value
  const timetable = useSettled(JSON.stringify(timetableOf(draft)))
  const query = useQuery(`explain ${timetable}`, (signal) =>
    api.call('POST /cron/preview', { body: { ...JSON.parse(timetable), count: shown }, signal }),
  )
  const { data, error } = query
  return (
    <output class="explanation stack" aria-live="polite">
      {error && (
        <p class="field-error">
          {error instanceof ApiError ? (error.errors[0]?.message ?? error.message) : error.message}
        </p>
      )}
      {data && !error && (
        <>
          <p>
            <strong>{w.explained}:</strong> {whenOf(data.data)} ({data.data.timezone})
          </p>
          {data.data.next.length === 0 ? (
            <p>{w.neverFires}</p>
          ) : (
            <ol aria-label={w.nextRuns}>
              {data.data.next.map(({ at, clock_change: change }) => (
                <li key={at}>
                  <Instant at={at} zone={data.data.timezone} />
                  {change !== null && (
                    <span class="badge badge-warn">⚠ {scheduleWords.value.clockChanges[change]}</span>
                  )}
                </li>
              ))}
            </ol>
          )}
        </>
      )}
    </output>
  )
}

/** A value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), typingMs)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
