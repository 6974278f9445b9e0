/** Keeps a value, and forgets the one that was kept first when there are too many. */
export function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value, most: number): Value {
  if (memory.size >= most) memory.delete(memory.keys().next().value as Key)
  memory.set(key, value)
  return value
}
