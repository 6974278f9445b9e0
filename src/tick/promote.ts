import { promoteWaiting } from '../store/firing.ts'
import type { TickOptions } from './step.ts'

/** Queues the runs that have waited for a run that is over now. */
export async function promote({ db, events }: TickOptions): Promise<void> {
  const jobs = await promoteWaiting(db)
  if (jobs > 0) events.emit('tick:promoted', { jobs })
}
