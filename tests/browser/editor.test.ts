import t from 'tap'
import { testApi } from '../http/api.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'

t.setTimeout(60_000)

t.test('a schedule is created by keyboard alone', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  await page.getByRole('heading', { name: 'Schedules' }).waitFor()
  await page.keyboard.press('n')
  await page.getByRole('heading', { name: 'New schedule' }).waitFor()
  const tabTo = async (label: string) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      const name = await focused.evaluate((one: unknown) => {
        const { labels, textContent } = one as { labels?: { textContent: string }[]; textContent: string }
        return labels?.[0]?.textContent ?? textContent
      })
      if (name.trim() === label) return
    }
    throw new Error(`the focus never came to ${label}`)
  }
  await tabTo('Name')
  await page.keyboard.type('by keyboard')
  await tabTo('Task')
  await page.locator('option', { hasText: 'echo' }).waitFor({ state: 'attached' })
  await page.keyboard.type('echo')
  await tabTo('Cron expression')
  t.equal(await page.locator(':focus').getAttribute('type'), 'radio', 'which it is already')
  await tabTo('Cron expression')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('30 9 * * 1-5')
  await page.getByText('at 09:30, Monday through Friday').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'by keyboard' }).waitFor()
  t.match(await row(`select task_name, cron_expression, timezone from pgbeat.schedules where name = 'by keyboard'`), {
    task_name: 'echo',
    cron_expression: '30 9 * * 1-5',
    timezone: 'UTC',
  })
})

t.test('what is wrong is said where it is, as it is typed and when it is saved', async (t) => {
  const { url, pool } = await testApi(t)
  const schema = {
    type: 'object',
    properties: { day: { type: 'string', format: 'date', description: 'Which day' }, deep: { type: 'boolean' } },
    required: ['day'],
  }
  await pool.query(`insert into pgbeat.tasks (name, payload_schema) values ('strict', $1)`, [JSON.stringify(schema)])
  const page = await openPage(t)
  await page.goto(`${url}/schedules/new`)
  await page.getByLabel('Task').selectOption('strict')
  await page.getByLabel('Cron expression', { exact: true }).and(page.getByRole('textbox')).fill('61 * * * *')
  await page.getByText(/61 is outside/).waitFor()
  await page.getByLabel('Cron expression', { exact: true }).and(page.getByRole('textbox')).fill('0 2 * * *')
  await page.getByLabel('Time zone').fill('Europe/Berlin')
  await page.getByText('(Europe/Berlin)').waitFor()
  await accessible(t, page)
  await page.getByLabel('day *').fill('tomorrow')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('.field', { hasText: 'Which day' }).getByRole('alert').waitFor()
  await page.getByLabel('day *').fill('2026-03-01')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/\/schedules\/[0-9a-f-]{36}$/)
})

t.test('who edits what somebody else has changed is asked what is to hold', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('s', 'echo', '1 hour')`)
  const page = await openPage(t)
  // A catalogue that never comes keeps nobody from saving.
  await page.route('**/api/v1/tasks', () => {})
  const { id } = await row<{ id: string }>('select id from pgbeat.schedules')
  await page.goto(`${url}/schedules/${id}/edit`)
  await page.getByLabel('Description').fill('mine')
  await pool.query(`update pgbeat.schedules set category = 'theirs'`)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const conflict = page.getByRole('alert').filter({ hasText: 'Somebody else' })
  await conflict.getByText('"theirs"').waitFor()
  await conflict.getByRole('button', { name: 'Save mine all the same' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('heading', { name: 's', exact: true }).waitFor()
  t.match(await row('select description, category from pgbeat.schedules'), { description: 'mine', category: 'theirs' })
})
