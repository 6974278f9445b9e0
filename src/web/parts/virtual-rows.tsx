import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

interface VirtualRowsProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  /** Of a row, in pixels; all are of the same height. */
  readonly rowHeight: number
  /** What stands above the columns, as one row with role=row. */
  readonly head: ComponentChildren
  readonly keyOf: (row: Row) => string
  readonly children: (row: Row, index: number) => ComponentChildren
  readonly hasMore: boolean
  readonly onEnd: () => void
}

/** How many rows before the end the next ones are asked for. */
const ahead = 40

/** A table of any length: only what can be seen is in the page. */
export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const { label, rows, rowHeight, head, keyOf, children, hasMore, onEnd } = props
  const frame = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  const kept = focused === undefined ? -1 : rows.findIndex((row) => keyOf(row) === focused)
  const { items, height, last } = useVirtual(frame, rows.length, rowHeight, kept)
  useEffect(() => {
    if (hasMore && last >= rows.length - ahead) onEnd()
  }, [hasMore, last, rows.length, onEnd])
  return (
    <div class="virtual" role="table" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
      <div class="virtual-head" role="rowgroup">
        {head}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="virtual-body" ref={frame} role="rowgroup" tabIndex={0}>
        <div class="virtual-space" style={{ height: `${height}px` }}>
          {items.map(({ index, start }) => {
            const row = rows[index]
            return (
              row !== undefined && (
                <div
                  key={keyOf(row)}
                  class="virtual-row"
                  onFocusIn={() => setFocused(keyOf(row))}
                  onFocusOut={() => setFocused(undefined)}
                  role="row"
                  aria-rowindex={index + 2}
                  style={{ transform: `translateY(${start}px)`, height: `${rowHeight}px` }}
                >
                  {children(row, index)}
                </div>
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** @param kept index of a row that stays wherever is scrolled to: it has the focus; -1: none has */
function useVirtual(
  frame: { readonly current: HTMLDivElement | null },
  count: number,
  rowHeight: number,
  kept: number,
) {
  const [, redraw] = useState(0)
  const virtualizer = useRef<Virtualizer<HTMLDivElement, HTMLDivElement>>(undefined)
  const options = {
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    rangeExtractor(range: Range) {
      const inSight = defaultRangeExtractor(range)
      return kept === -1 || inSight.includes(kept) ? inSight : [kept, ...inSight].toSorted((a, b) => a - b)
    },
    onChange: () => redraw((times) => times + 1),
  }
  virtualizer.current ??= new Virtualizer(options)
  virtualizer.current.setOptions(options)
  useLayoutEffect(() => virtualizer.current?._didMount(), [])
  // What was measured was of another height.
  useLayoutEffect(() => virtualizer.current?.measure(), [rowHeight])
  useLayoutEffect(() => virtualizer.current?._willUpdate())
  const items: readonly VirtualItem[] = virtualizer.current.getVirtualItems()
  return { items, height: virtualizer.current.getTotalSize(), last: virtualizer.current.range?.endIndex ?? 0 }
}
