import pg from 'pg'
import t from 'tap'
import { fillDashboard } from '../../bench/dashboard/data.ts'
import { scrollOn } from '../../bench/dashboard/scroll.ts'
import { openView, views } from '../../bench/dashboard/views.ts'
import { serveOn } from '../http/api.ts'
import { testDatabase } from '../support/database.ts'
import { openPage } from './browser.ts'

t.setTimeout(110_000)

t.test('with much in the database views come up, and lists scroll', async (t) => {
  const { connectionString } = await testDatabase(t)
  const client = new pg.Client({ connectionString })
  await client.connect()
  await fillDashboard(client, { schedules: 100_000, runs: 1_000_000 })
  await client.end()
  const { url } = await serveOn(t, { connectionString })
  for (const [name, view] of Object.entries(views)) {
    const page = await openPage(t)
    const { usableMs } = await openView(page, url, view)
    t.comment(`${name} can be used after ${usableMs.toFixed(0)} ms, beside other tests`)
    await page.context().close()
  }

  const page = await openPage(t)
  await openView(page, url, views.schedules)
  const { rows, mostInPage, tookMs } = await scrollOn(page, 10_000)
  t.comment(`${rows} rows in ${tookMs.toFixed(0)} ms, beside other tests`)
  t.ok(rows >= 10_000, `${rows} rows were read`)
  t.ok(mostInPage > 5 && mostInPage < 60, `at most ${mostInPage} of them were in the page at once`)
  await page.goto(`${url}/schedules?search=daily-report-customer-12`)
  await page.locator(views.schedules.shows).first().waitFor()
  const found = await scrollOn(page, Number.POSITIVE_INFINITY)
  t.equal(found.rows, 1_111, 'all that the search finds')
  const rowAt = (position: number) => page.locator(`.virtual-row[aria-rowindex="${position + 1}"]`).getByRole('link')
  await rowAt(found.rows).waitFor()
  const list = page.locator('.virtual-body')
  await list.press('Home')
  await rowAt(1).waitFor()
  t.equal(await rowAt(found.rows).count(), 0, 'what is out of sight is not in the page')
  await list.press('End')
  await rowAt(found.rows).waitFor()
})
