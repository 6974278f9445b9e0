import type { AnyOptions } from './calls.ts'

export interface Page<Item> {
  readonly data: readonly Item[]
  readonly meta: { readonly next_cursor: string | null }
}

/** The entries of all pages, one page after the other. */
export async function* everyPage<Item>(
  given: AnyOptions = {},
  read: (options: AnyOptions) => Promise<Page<Item>>,
): AsyncGenerator<Item, void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { ...given.query, ...(cursor !== undefined && { cursor }) }
    const { data, meta } = await read({ ...given, query })
    yield* data
    cursor = meta.next_cursor
  }
}
