#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startDemo, type View } from './demo.ts'
import { launchBrowser } from './launch.ts'

/*
 * npm run screenshots: each view of the dashboard, light and dark, some in Japanese and some on a phone, into docs/images.
 * With a system of its own that has run for days, as its database says.
 */

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const window = { width: 1280, height: 800 }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

requireJapaneseFont()
const demo = await startDemo()
const all = Object.keys(demo.views)
const browser = await launchBrowser()
try {
  await rm(images, { recursive: true, force: true })
  await mkdir(images, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) await shootAll(browser, all, colorScheme, { colorScheme })
  await shootAll(browser, ['overview', 'schedules', 'editor'], 'ja', { locale: 'ja-JP' })
  await shootAll(browser, ['overview', 'schedules'], 'phone', phone)
} finally {
  await browser.close()
  await demo.stop()
}

/** Without one, Japanese texts are pictures of empty boxes. */
function requireJapaneseFont(): void {
  if (execFileSync('fc-list', [':lang=ja'], { encoding: 'utf8' }).trim() !== '') return
  throw new Error('no font has Japanese letters: install one first, as by apt-get install fonts-noto-cjk')
}

/** @param suffix of the files' names */
async function shootAll(
  browser: Browser,
  names: readonly string[],
  suffix: string,
  options: BrowserContextOptions,
): Promise<void> {
  const context = await browser.newContext({ viewport: window, locale: 'en-GB', timezoneId: 'Asia/Tokyo', ...options })
  const page = await context.newPage()
  for (const name of names) await shoot(page, demo.views[name] as View, `${images}${name}-${suffix}.png`)
  await context.close()
}

async function shoot(page: Page, { path, shows, isWhole = false, scrollsTo }: View, file: string): Promise<void> {
  await page.goto(`${demo.url}${path}`)
  await page.locator(shows).first().waitFor({ state: 'attached' })
  await page.locator('.pulse-on').waitFor({ state: 'attached' })
  // Not until the network is idle: a page that is live always has a request open.
  await page.locator('.loading').first().waitFor({ state: 'hidden' })
  if (scrollsTo !== undefined) await page.locator(scrollsTo).first().evaluate(toTop)
  await page.screenshot({ path: file, fullPage: isWhole })
  process.stdout.write(`${file}\n`)
}

/** Runs in the page. */
function toTop(element: unknown): void {
  const { scrollIntoView } = element as { scrollIntoView(): void }
  scrollIntoView.call(element)
}
