import { useLocation } from 'preact-iso'

type Texts = Readonly<Record<string, string>>

/** The address of a list with what it is narrowed down to, so that it can be kept and sent. Empty means any. */
export function addressWith(path: string, filter: Texts): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
  return query.size === 0 ? path : `${path}?${query}`
}

export interface Narrowing<Filter extends Texts> {
  readonly filter: Filter
  readonly address: string
  /** Whether not all is listed. */
  readonly isNarrowed: boolean
  set(part: Partial<Filter>): void
  clear(): void
}

/**
 * What a list is narrowed down to, as its address says.
 * @param read makes a filter of the address's query
 */
export function useFilter<Filter extends Texts>(path: string, read: (query: Texts) => Filter): Narrowing<Filter> {
  const { query, route } = useLocation()
  const filter = read(query)
  const address = addressWith(path, filter)
  return {
    filter,
    address,
    isNarrowed: address !== path,
    set: (part) => route(addressWith(path, { ...filter, ...part }), true),
    clear: () => route(path, true),
  }
}
