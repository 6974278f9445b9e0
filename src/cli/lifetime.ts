import type { Running } from '../running.ts'

/** npm passes on a Ctrl-C that the terminal has sent to the whole process group already; both are one. */
const sameSignalMs = 300

/**
 * Resolves at the first SIGTERM, SIGINT or SIGHUP (the terminal was closed); called before anything is started, so that
 * no signal goes astray. A second one ends the process at once; what that cuts off is recovered by the others.
 */
export function untilSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let firstAt: number | undefined
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      firstAt ??= performance.now()
      if (performance.now() - firstAt > sameSignalMs) process.exit(130)
      resolve()
    })
  }
  return promise
}

/** Stops the parts of a process one after the other; each finishes what it has under way. */
export async function stopInOrder(parts: readonly Running[]): Promise<void> {
  for (const part of parts) await part.stop()
}
