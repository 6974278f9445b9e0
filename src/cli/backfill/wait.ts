import type { Calls } from '../../client/client.ts'
import { Wake } from '../../wake.ts'
import { CommandFailure } from '../command-failure.ts'
import { ProgressBar } from '../output/progress-bar.ts'
import { tell } from '../output/write.ts'
import { type Backfill, countsOf } from './present.ts'

/** The end of a backfill, and the looking up of its instants, are no events of the feed: those of its runs are hints. */
const askEveryMs = 1_000

/**
 * Waits until a backfill is over, with a bar on a terminal. Aborted, it answers how far it is.
 * @throws CommandFailure when not all of its runs succeeded
 */
export async function waitForBackfill(api: Calls, begun: Backfill, signal: AbortSignal): Promise<Backfill> {
  const wake = new Wake()
  const ended = new AbortController()
  const watching = watch(api, begun, wake, AbortSignal.any([signal, ended.signal]))
  signal.addEventListener('abort', () => wake.now())
  const bar = new ProgressBar(process.stderr)
  let current = begun
  try {
    while (!signal.aborted) {
      current = (await api.call('GET /backfills/{id}', { params: { id: begun.id } })).data
      const { progress, listed_until } = current
      const over = progress.succeeded + progress.failed + progress.cancelled + progress.taken_over
      const isCounted = listed_until !== null && listed_until >= current.ends_at
      bar.show(over, isCounted || current.finished_at !== null ? progress.chosen : null, countsOf(current))
      if (current.finished_at !== null) break
      await wake.sleep(askEveryMs)
    }
  } finally {
    bar.clear()
    ended.abort()
    await watching
  }
  if (current.finished_at === null) tell(`backfill ${begun.id} goes on: ${countsOf(current)}`)
  else if (current.status !== 'completed' || current.progress.failed + current.progress.cancelled > 0) {
    throw new CommandFailure(`backfill ${begun.id} is ${current.status}: ${current.error ?? countsOf(current)}`)
  }
  return current
}

async function watch(api: Calls, backfill: Backfill, wake: Wake, signal: AbortSignal): Promise<void> {
  const query = { types: 'run', schedule_id: backfill.schedule_id } as const
  for await (const { data } of api.events({ query, signal })) if (data.backfill_id === backfill.id) wake.now()
}
