import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import tap, { type Test } from 'tap'

let launched: Promise<Browser> | undefined

function browser(): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
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
