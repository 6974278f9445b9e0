/**
 * What a task adds to a counter of its own.
 * @throws RangeError for what can't be the name of a counter, and for what can't be added to one
 */
export function checkedCount(name: string, by: number): { counter: string; by: number } {
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    throw new RangeError(`${JSON.stringify(name)} is no name for a counter: a-z, 0-9 and _, a letter first, at most 63`)
  }
  if (!Number.isFinite(by) || by < 0) throw new RangeError(`the counter ${name} can't be increased by ${by}`)
  return { counter: name, by }
}
