import type { Page } from 'playwright-core'

interface View {
  readonly path: string
  /** What it is opened for: when this is there it can be used. */
  readonly shows: string
  /** What comes last. */
  readonly ends: string
}

/** Those that are opened first, and those that list the most. */
export const views = {
  overview: { path: '/', shows: '.figure strong', ends: '.verdict-good, .verdict-warn, .verdict-bad' },
  schedules: { path: '/schedules', shows: '.virtual-row', ends: '.virtual-row .soft' },
  runs: { path: '/runs', shows: '.virtual-row', ends: '.virtual-row .badge' },
} as const satisfies Record<string, View>

export interface Opened {
  /** Milliseconds from when the address is entered until the view can be used. */
  readonly usableMs: number
  /** And until every part of it has loaded. */
  readonly completeMs: number
}

/** Enters the address of a view in a page, new if it is to know nothing of it. */
export async function openView(page: Page, url: string, { path, shows, ends }: View): Promise<Opened> {
  const startedAt = performance.now()
  await page.goto(`${url}${path}`, { waitUntil: 'commit' })
  await page.locator(shows).first().waitFor()
  const usableMs = performance.now() - startedAt
  await page.locator(ends).first().waitFor()
  await page.locator('.loading').first().waitFor({ state: 'hidden' })
  return { usableMs, completeMs: performance.now() - startedAt }
}
