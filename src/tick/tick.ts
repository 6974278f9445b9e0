// One pass of the tick: fire what is on time, then whatever else there is to do, a batch of each.
//
// Each step is a transaction of its own: rows are locked with `for update skip locked`, so that two ticks at once share
// the work instead of doing it twice, and what is decided about a row is written before the row is let go. The number of
// statements depends on the number of batches, never on the number of schedules. Whatever takes long is done in slices,
// so that what is on time never waits for what is late.

import { whatIsPending } from '../store/pending.ts'
import { advance, list } from './backfill.ts'
import { fireLate, fireOnTime } from './fire.ts'
import { countSlice } from './lapse.ts'
import type { Pace } from './pace.ts'
import { planBatch } from './plan.ts'
import { promote } from './promote.ts'
import type { TickOptions } from './step.ts'

/** Answers whether there was anything to do: there may be more then, and what was planned may be due. */
export async function tick(options: TickOptions): Promise<boolean> {
  const startedAt = performance.now()
  try {
    return await pass(options)
  } finally {
    options.events.emit('tick:passed', { durationMs: performance.now() - startedAt })
  }
}

async function pass(options: TickOptions): Promise<boolean> {
  const { paces, mayBeDue = true } = options
  let didSomething: boolean | undefined = mayBeDue && (await fireOnTime(options))
  const ask = () => whatIsPending(options.db)
  const pending = didSomething ? await paced(paces?.ask, ask) : await ask()
  if (pending === undefined) return true
  if (pending.unplanned) didSomething = (await planBatch(options)) || didSomething
  if (pending.late) didSomething = (await fireLate(options)) || didSomething
  if (pending.lapses) didSomething = (await countSlice(options)) || didSomething
  if (pending.listings) didSomething = (await list(options)) || didSomething
  if (pending.backfills) didSomething = (await paced(paces?.advance, () => advance(options))) || didSomething
  if (pending.waiting) await paced(paces?.promote, () => promote(options))
  return didSomething ?? false
}

async function paced<Result>(pace: Pace | undefined, work: () => Promise<Result>): Promise<Result | undefined> {
  return pace === undefined ? work() : pace.run(work)
}
