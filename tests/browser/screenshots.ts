#!/usr/bin/env node
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { startDemo, type View } from './demo.ts'

/*
 * npm run screenshots: each view of the dashboard, light and dark, into docs/images. With a system of its own that has
 * run for a while.
 */

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const size = { width: 1280, height: 800 }

const demo = await startDemo()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  await rm(images, { recursive: true, force: true })
  await mkdir(images, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, viewport: size, locale: 'en-GB', timezoneId: 'Asia/Tokyo' })
    const page = await context.newPage()
    for (const [name, view] of Object.entries(demo.views)) {
      await shoot(page, view, `${images}${name}-${colorScheme}.png`)
    }
    await context.close()
  }
} finally {
  await browser.close()
  await demo.stop()
}

async function shoot(page: Page, { path, shows }: View, file: string): Promise<void> {
  await page.goto(`${demo.url}${path}`)
  await page.locator(shows).first().waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  // Not until the network is idle: a page that is live always has a request open.
  await page.locator('.loading').first().waitFor({ state: 'hidden' })
  await page.screenshot({ path: file })
  process.stdout.write(`${file}\n`)
}
