import t from 'tap'
import { testApi } from '../http/api.ts'
import { openPage } from './browser.ts'

t.test('the list is searched and filtered in the address, and acts on what is selected', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone)
    select 'report ' || n, 'echo', '30 9 * * 1-5', 'Asia/Tokyo' from generate_series(1, 1000) n`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every, enabled, description)
    values ('backup', 'echo', '6 hours', false, 'the nightly one')`)
  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  await page.getByText('1,001 schedules').waitFor()
  t.ok((await page.getByRole('row').count()) < 60, 'only what can be seen is in the page')
  await page.keyboard.press('/')
  await page.keyboard.type('nightly')
  await page.getByText('1 schedules').waitFor()
  await page.waitForURL(/\?search=nightly$/)
  const backup = page.getByRole('row').filter({ hasText: 'backup' })
  t.match(await backup.textContent(), /every 6 hours.*Paused/)
  await page.getByRole('checkbox', { name: 'Select backup' }).check()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
  await page.getByText('1 resumed').waitFor()
  t.match(await row(`select enabled from pgbeat.schedules where name = 'backup'`), { enabled: true })
  await page.goto(`${url}/schedules?search=report`)
  await page.getByRole('checkbox', { name: 'Select report 1', exact: true }).check()
  await page.getByRole('button', { name: 'Select all 1,000 schedules that match' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('dialog').getByLabel('Note').fill('holidays')
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await page.getByText('1000 paused').waitFor()
  t.match(await row('select count(*)::int as paused from pgbeat.schedules where not enabled'), { paused: 1_000 })
})

t.test('what was done elsewhere is seen without asking', async (t) => {
  const { url, pool } = await testApi(t)
  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  await page.getByText('There are no schedules yet').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('by SQL', 'echo', '1 hour')`)
  await page.getByRole('link', { name: 'by SQL' }).waitFor()
  await pool.query(`delete from pgbeat.schedules`)
  await page.getByText('There are no schedules yet').waitFor()
})
