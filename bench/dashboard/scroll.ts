import type { Page } from 'playwright-core'

export interface Scrolled {
  readonly rows: number
  readonly tookMs: number
  /** The most rows that were in the page at once. */
  readonly mostInPage: number
  /** From one picture to the next, each of them. */
  readonly framesMs: readonly number[]
}

/**
 * Scrolls a list to its end again and again, as somebody does who keeps End pressed, until there are so many rows or no
 * more. It is to be on its page.
 */
export function scrollOn(page: Page, rows: number): Promise<Scrolled> {
  return page.evaluate(scroll, { rows, rowHeight: 52 })
}

// It runs in the page, which this program has no types of.
declare const document: {
  querySelector(selector: string): Element
  querySelectorAll(selector: string): { length: number }
}
declare function requestAnimationFrame(call: (at: number) => void): void
interface Element {
  scrollTop: number
  readonly scrollHeight: number
  getAttribute(name: string): string
}

function scroll({ rows, rowHeight }: { rows: number; rowHeight: number }): Promise<Scrolled> {
  const [table, frame] = [document.querySelector('.virtual'), document.querySelector('.virtual-body')]
  const startedAt = performance.now()
  const framesMs: number[] = []
  let mostInPage = 0
  let before = startedAt
  return new Promise((resolve) => {
    const draw = (at: number) => {
      framesMs.push(at - before)
      before = at
      mostInPage = Math.max(mostInPage, document.querySelectorAll('.virtual-row').length)
      const read = Math.round(frame.scrollHeight / rowHeight)
      frame.scrollTop = frame.scrollHeight
      const isOver = read >= rows || table.getAttribute('aria-rowcount') !== '-1'
      if (isOver) resolve({ rows: read, tookMs: performance.now() - startedAt, mostInPage, framesMs })
      else requestAnimationFrame(draw)
    }
    requestAnimationFrame(draw)
  })
}

/** What the page's objects take after its garbage is collected, in MB. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize / 1_000_000
}
