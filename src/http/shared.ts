/**
 * An answer that is asked for once for all who ask at the same time, and taken for true for a while.
 * @param trustMs how long
 */
export function shared<Value>(ask: () => Promise<Value>, trustMs: number): () => Promise<Value> {
  let latest: { readonly value: Promise<Value>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (latest === undefined || latest.until < now) {
      const asked = { value: ask(), until: now + trustMs }
      latest = asked
      asked.value.catch(() => {
        if (latest === asked) latest = undefined
      })
    }
    return latest.value
  }
}
