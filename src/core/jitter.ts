/**
 * Milliseconds by which the run of an instant starts later: the same for one schedule and instant every time, spread
 * evenly over `jitterMs`, and never past the next instant.
 * @param next the instant after it; null = none
 */
export function jitterOf(
  { id, jitterMs }: { readonly id: string; readonly jitterMs: number },
  scheduledFor: number,
  next: number | null,
): number {
  const most = next === null ? jitterMs : Math.min(jitterMs, next - scheduledFor - 1)
  return most <= 0 ? 0 : hash(`${id} ${scheduledFor}`) % (most + 1)
}

/** FNV-1a, 32 bits, with a final mix so that neighbouring instants land far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
