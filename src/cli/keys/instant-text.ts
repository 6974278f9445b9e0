/** ISO 8601 to the second; `never` for none. */
export function instantText(instant: Date | null): string {
  return instant?.toISOString().replace(/\.\d+Z$/, 'Z') ?? 'never'
}
