import type { Browser, BrowserContext, Page } from 'playwright-core'
import tap, { type Test } from 'tap'
import { buildDashboard } from '../../src/dev/dashboard.ts'
import { launchBrowser } from './launch.ts'

let launched: Promise<Browser> | undefined

/** What the browser shows is built before; by the suite, or here when a test file runs alone. */
async function launch(): Promise<Browser> {
  if (process.env.PGBEAT_TEST_SERVER === undefined) await buildDashboard(() => {})
  return launchBrowser()
}

function browser(): Promise<Browser> {
  launched ??= launch()
  return launched
}

tap.teardown(async () => {
  await (await launched)?.close()
})

/** A page of a browser of its own, which fails the test when a script fails in it or its policy is broken. */
export async function openPage(
  t: Pick<Test, 'teardown' | 'fail'>,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Page> {
  const context: BrowserContext = await (await browser()).newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  page.on('pageerror', (error) => t.fail(`the page failed: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) t.fail(`the console: ${message.text()}`)
  })
  return page
}
