import type { Page } from 'playwright-core'

/** Has a call refused once, as soon as that is asked for; other calls go on. */
export async function refuse(page: Page, path: string): Promise<() => void> {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  await page.route(
    `**/api/v1${path}`,
    async (route) => {
      await told
      await route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          status: 409,
          code: 'out_of_order',
          title: 'Out of order',
          detail: 'it is out of order',
        }),
      })
    },
    { times: 1 },
  )
  return tell
}

/** What has the focus, by its text or what it is called; empty when nothing has it. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const { activeElement } = document
    if (activeElement === document.body) return ''
    return activeElement.getAttribute('aria-label') || activeElement.innerText || activeElement.tagName
  })()`)
}
