import type { Running } from '../running.ts'

/**
 * Resolves at the first SIGTERM or SIGINT; called before anything is started, so that no signal goes astray. A second
 * one ends the process at once; what that cuts off is recovered by the others.
 */
export function untilSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let signals = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      signals += 1
      if (signals > 1) process.exit(130)
      resolve()
    })
  }
  return promise
}

/** Stops the parts of a process one after the other; each finishes what it has under way. */
export async function stopInOrder(parts: readonly Running[]): Promise<void> {
  for (const part of parts) await part.stop()
}
