import t from 'tap'
import { testApi } from '../http/api.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'
import { focused, refuse } from './refusal.ts'

t.setTimeout(60_000)

t.test('the list of runs is filtered in the address, and follows what changes', async (t) => {
  const { url, pool } = await testApi(t)
  await pool.query(`insert into pgbeat.tasks (name) values ('echo'), ('mail') on conflict do nothing`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every)
    values ('reports', 'mail', '1 hour'), ('pings', 'echo', '1 hour')`)
  const add = (schedule: string, status: string, reason: string | null, minutesAgo: number) =>
    pool.query(
      `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
         max_attempts, attempt)
       select id, name, task_name, '{}', now() - $4 * interval '1 minute', 'schedule', $2, $3, 3, 0
       from pgbeat.schedules where name = $1`,
      [schedule, status, reason, minutesAgo],
    )
  await add('reports', 'skipped', 'overlap', 3)
  await add('pings', 'missed', 'paused', 2)
  await add('pings', 'skipped', 'overlap', 1)
  const page = await openPage(t)
  await page.goto(`${url}/runs`)
  await page.getByText('3 runs').waitFor()
  await accessible(t, page)
  await page.getByLabel('Status').selectOption('skipped')
  await page.getByText('2 runs').waitFor()
  await page.waitForURL(/\?status=skipped$/)
  await page.getByLabel('Task').selectOption('mail')
  await page.getByText('1 run', { exact: true }).waitFor()
  t.match(
    await page.getByRole('row').filter({ hasText: 'reports' }).textContent(),
    /skipped.*an earlier run was active/,
  )
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await page.getByText('3 runs').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  await add('reports', 'missed', 'outside_window', 0)
  await page.getByText('too long ago to be caught up').and(page.getByTitle('outside_window')).waitFor()
  await pool.query(`
    update pgbeat.runs set origin = case schedule_name when 'pings' then 'backfill' else origin end,
      status = 'succeeded', reason = null, queued_at = scheduled_for + interval '70 seconds',
      started_at = scheduled_for + interval '90 seconds', finished_at = scheduled_for + interval '92 seconds'`)
  await page.getByRole('row').filter({ hasText: 'reports' }).getByText('1 min 30 s').first().waitFor()
  const late = page.getByRole('row').filter({ hasText: 'pings' }).getByRole('cell').nth(4)
  t.same(await late.allTextContents(), [''], 'what is run again later was not late')
  t.match(
    await page.getByRole('row').filter({ hasText: 'pings' }).first().textContent(),
    /\d\d? [A-Z]\S+ 20\d\d, .*2 s$/,
  )
  await page.goto(`${url}/runs?status=failed`)
  await page.getByText('No run matches the filter.').waitFor()
})

t.test('cancelling a run shows at once, is taken back when it is refused, and keeps the focus', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.tasks (name) values ('orphan')`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('report', 'orphan', '1 hour')`)
  await pool.query(`select pgbeat.trigger('report')`)
  const { id } = await row<{ id: string }>('select id from pgbeat.runs')
  const page = await openPage(t)
  await page.goto(`${url}/runs/${id}`)
  const status = page.locator('.page-head .badge')
  const cancel = async () => {
    await page.getByRole('button', { name: 'Cancel the run' }).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).press('Enter')
    await status.getByText('cancelled').waitFor()
  }
  await status.getByText('queued').waitFor()
  const answer = await refuse(page, `/runs/${id}/cancel`)
  await cancel()
  // By the second one, what was answered to the first is shown.
  for (const _ of ['first', 'second']) await (await page.waitForRequest(`**/api/v1/runs/${id}`)).response()
  t.match(await status.textContent(), 'cancelled', 'what is answered meanwhile does not know of it yet')
  answer()
  await page.getByText('Not cancelled: it is out of order').waitFor()
  await status.getByText('queued').waitFor()
  await cancel()
  await page.getByText('Cancelled, or about to be').waitFor()
  t.equal(await focused(page), 'Run again')
  t.match(await row('select status from pgbeat.runs'), { status: 'cancelled' })
})
