import t from 'tap'
import { testApi } from '../http/api.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'

t.setTimeout(60_000)

t.test('backfills of all schedules are followed, and cancelled', async (t) => {
  const { url, pool, row, request, startTick, startWorker } = await testApi(t)
  startTick()
  await startWorker()
  await pool.query(`insert into pgbeat.tasks (name) values ('orphan')`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression)
    values ('done', 'echo', '0 * * * *'), ('stuck', 'orphan', '0 * * * *')`)
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  await page.goto(`${url}/backfills`)
  await page.getByText('There are no backfills yet').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  const range = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-01T05:00:00Z' }
  await request('POST', '/schedules/done/backfill', range)
  await request('POST', '/schedules/stuck/backfill', range)
  const item = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('link', { name }) })
  await item('done').getByText('6 of 6').waitFor()
  await item('done').getByText('completed').waitFor()
  t.notOk(await item('done').getByRole('button').isVisible())
  await item('stuck').getByText('0 of 6').waitFor()
  await accessible(t, page)
  await page.getByLabel('Status').selectOption('running')
  await page.waitForURL(/\/backfills\?status=running$/)
  await page.getByText('1 backfill', { exact: true }).waitFor()
  await item('stuck').getByRole('button', { name: 'Cancel the backfill' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the backfill' }).click()
  await page.getByText('The backfill is cancelled').waitFor()
  await page.getByText('No backfill has this status.').waitFor()
  t.match(await row(`select status from pgbeat.backfills where schedule_name = 'stuck'`), { status: 'cancelled' })
  await page.getByLabel('Status').selectOption('')
  await item('done').getByText('completed').waitFor()
  // No run tells of this.
  await pool.query(`update pgbeat.backfills set status = 'failed', error = 'its end' where schedule_name = 'done'`)
  await item('done').getByText('its end').waitFor()
})
