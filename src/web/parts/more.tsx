import type { Pages } from '../data/pages.ts'
import { words } from './words.ts'

/** Reads on, where a list is not scrolled by itself. */
export function More<Row>({ pages }: { pages: Pages<Row> }) {
  if (!pages.hasMore) return null
  return (
    <button type="button" disabled={pages.isLoading} onClick={pages.more}>
      {words.value.loadMore}
    </button>
  )
}
