import { useEffect, useRef } from 'preact/hooks'
import type { Pages } from '../data/pages.ts'
import { words } from './words.ts'

/** Reads on, where a list is not scrolled by itself. */
export function More<Row>({ pages }: { pages: Pages<Row> }) {
  if (!pages.hasMore) return null
  return (
    <button type="button" aria-busy={pages.isLoading} onClick={pages.more}>
      {words.value.loadMore}
    </button>
  )
}

/** How far below what can be seen the end may be when it is read on. */
const aheadPx = 600

/** Reads on when the end of the list comes near; the button is for whoever does not scroll. */
export function MoreAtEnd<Row>({ pages }: { pages: Pages<Row> }) {
  const end = useRef<HTMLDivElement>(null)
  const { rows, hasMore, more } = pages
  // An end that is still near after the list was read on is told of by another observer alone.
  useEffect(() => {
    const watching = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) more()
      },
      { rootMargin: `0px 0px ${aheadPx}px` },
    )
    if (end.current) watching.observe(end.current)
    return () => watching.disconnect()
  }, [rows.length, hasMore, more])
  return (
    <div ref={end} class="row">
      <More pages={pages} />
    </div>
  )
}
