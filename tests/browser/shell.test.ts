import t from 'tap'
import { testApi } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { openPage } from './browser.ts'
import { focused } from './refusal.ts'

t.setTimeout(60_000)

t.test('the dashboard is at the root, follows what changes, and works by keyboard', async (t) => {
  const { url } = await testApi(t)
  const page = await openPage(t)
  await page.goto(url)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  t.equal(await page.title(), 'Overview · pgbeat')
})

t.test('where there are keys it asks for one', async (t) => {
  const { url, db } = await testApi(t)
  const { token } = await addKey(db, 'ann')
  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  await page.getByLabel('API key').fill('pgb_nonsense')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('API key').fill(token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('navigation').waitFor()
  const cookies = await page.context().cookies()
  t.match(cookies, [{ name: 'pgbeat_session', httpOnly: true, sameSite: 'Strict' }])
})

t.test('a browser in Japanese gets Japanese', async (t) => {
  const { url } = await testApi(t)
  const page = await openPage(t, { locale: 'ja-JP' })
  await page.goto(url)
  await page.getByRole('heading', { name: '概要' }).waitFor()
  t.equal(await page.locator('html').getAttribute('lang'), 'ja')
})

t.test('whoever follows a link or goes back goes on at what that leads to', async (t) => {
  const { url } = await testApi(t)
  const page = await openPage(t)
  await page.goto(`${url}/tasks`)
  await page.getByRole('heading', { name: 'Tasks' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Queue' }).press('Enter')
  await page.getByRole('heading', { name: 'Queue' }).waitFor()
  t.equal(await page.locator(':focus').getAttribute('id'), 'content')
  t.equal(await page.title(), 'Queue · pgbeat')
  await page.getByText('api', { exact: true }).press('Enter')
  await page.getByLabel('Theme').waitFor()
  await page.keyboard.press('Escape')
  await page.getByLabel('Theme').waitFor({ state: 'hidden' })
  t.equal(await focused(page), 'api')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Tasks' }).waitFor()
})

t.test('on a phone the way to other pages is behind a button', async (t) => {
  const { url } = await testApi(t)
  const page = await openPage(t, { viewport: { width: 390, height: 844 } })
  await page.goto(`${url}/tasks`)
  const queue = page.getByRole('navigation').getByRole('link', { name: 'Queue' })
  const menu = page.getByRole('button', { name: 'Menu' })
  await menu.press('Enter')
  await queue.waitFor()
  await page.keyboard.press('Escape')
  await queue.waitFor({ state: 'hidden' })
  t.match(await focused(page), /Menu/)
  await menu.click()
  await queue.click()
  await page.getByRole('heading', { name: 'Queue' }).waitFor()
  t.notOk(await queue.isVisible())
})

/** What makes a page wider than the window. */
const wide = `[...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest('.scroll-x, pre, .virtual, .logs'))
  .map((one) => one.outerHTML.slice(0, 100))`

t.test('no view is wider than a phone', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.tasks (name) values ('${'echo-'.repeat(12)}')`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, payload)
    select repeat('name', 12), name, '0 9 * * 1-5', '{"text": "${'long'.repeat(30)}"}'
    from pgbeat.tasks where name like 'echo-%'`)
  await pool.query(`select pgbeat.trigger(name) from pgbeat.schedules`)
  await pool.query(`
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, scheduled_for, origin, status, max_attempts, payload,
      error, finished_at)
    select id, name, task_name, now() - interval '1 hour', 'schedule', 'failed', 1, '{}',
      jsonb_build_object('code', 'failed', 'message', repeat('why it failed ', 20)), now()
    from pgbeat.schedules`)
  const { schedule, run } = await row<{ schedule: string; run: string }>(
    'select schedule_id as schedule, id as run from pgbeat.runs order by id',
  )
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  const views = [
    '/',
    '/schedules',
    '/schedules/new',
    '/runs',
    '/tasks',
    '/nodes',
    '/queue',
    '/sync',
    '/audit',
    '/settings',
  ]
  for (const view of [...views, `/schedules/${schedule}`, `/schedules/${schedule}/edit`, `/runs/${run}`]) {
    await page.goto(`${url}${view}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    for (const loading of await page.locator('.loading').all()) await loading.waitFor({ state: 'detached' })
    t.same(await page.evaluate(wide), [], view)
  }
})
