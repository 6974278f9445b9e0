/**
 * Rejects with the reason of the first of the signals that is aborted; never resolves.
 * @param until aborted when nobody waits for that any more: a signal that outlives many attempts forgets this one
 */
export function rejectedBy(signals: readonly AbortSignal[], until: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  for (const signal of signals) {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: until })
  }
  return promise
}
