import { cancelReplaced, promoteWaiting } from '../store/waiting.ts'
import type { TickOptions } from './step.ts'

/** Ends what waiting runs take the place of, and queues the runs that have waited for a run that is over now. */
export async function promote({ db, events }: TickOptions): Promise<void> {
  await cancelReplaced(db)
  const jobs = await promoteWaiting(db)
  if (jobs > 0) events.emit('tick:promoted', { jobs, origin: 'waiting' })
}
