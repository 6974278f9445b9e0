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
/** Each view is opened so often, in a browser that knows nothing of it; the median counts. */
const rounds = 5

t.test('with much in the database the first view can be used within a second, and lists scroll', async (t) => {
  const { connectionString } = await testDatabase(t)
  const client = new pg.Client({ connectionString })
  await client.connect()
  await insertPlanned(client, schedules)
  await fillHistory(client, { runs, days, onDay() {} })
  await client.end()
  const { url } = await serveOn(t, { connectionString })
  const open = async (path: string, shown: string) => {
    const tookMs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const page = await openPage(t)
      const startedAt = performance.now()
      await page.goto(`${url}${path}`, { waitUntil: 'commit' })
      await page.locator(shown).first().waitFor()
      tookMs.push(performance.now() - startedAt)
      await page.context().close()
    }
    return tookMs.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.POSITIVE_INFINITY
  }
  for (const [path, shown] of [
    ['/', '.figure strong'],
    ['/schedules', '.virtual-row'],
    ['/runs', '.virtual-row'],
  ] as const) {
    const tookMs = await open(path, shown)
    t.comment(`${path}: ${tookMs.toFixed(0)} ms`)
    t.ok(tookMs < 1_000, `${path} after ${tookMs.toFixed(0)} ms`)
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
