import pg from 'pg'
import t from 'tap'
import { fillHistory } from '../../bench/history/data.ts'
import { insertPlanned } from '../../bench/idle/schedules.ts'
import { serveOn } from '../http/api.ts'
import { testDatabase } from '../support/database.ts'
import { openPage } from './browser.ts'

t.setTimeout(110_000)

const schedules = 100_000
const runs = 1_000_000
const days = 10
t.test('with much in the database views come up, and lists scroll', async (t) => {
  const { connectionString } = await testDatabase(t)
  const client = new pg.Client({ connectionString })
  await client.connect()
  await insertPlanned(client, schedules)
  await fillHistory(client, { runs, days, onDay() {} })
  await client.end()
  const { url } = await serveOn(t, { connectionString })
  for (const [path, shown] of [
    ['/', '.figure strong'],
    ['/schedules', '.virtual-row'],
    ['/runs', '.virtual-row'],
  ] as const) {
    const page = await openPage(t)
    const startedAt = performance.now()
    await page.goto(`${url}${path}`, { waitUntil: 'commit' })
    await page.locator(shown).first().waitFor()
    t.comment(`${path} can be used after ${(performance.now() - startedAt).toFixed(0)} ms, beside other tests`)
    await page.context().close()
  }

  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  await page.locator('.virtual-row').first().waitFor()
  for (let round = 0; round < 10; round += 1) {
    const before = await page.locator('.virtual-space').getAttribute('style')
    await page.locator('.virtual-body').evaluate(toEnd)
    await page.locator(`.virtual-space:not([style="${before}"])`).waitFor({ state: 'attached' })
  }
  const shown = await page.locator('.virtual-row').count()
  t.ok(shown > 5 && shown < 60, `${shown} rows are in the page, of 2,200 that were read`)
})

/** Scrolls to the end of what there is. It runs in the page. */
function toEnd(frame: unknown): void {
  const { scrollHeight } = frame as { readonly scrollHeight: number }
  Object.assign(frame as object, { scrollTop: scrollHeight })
}
