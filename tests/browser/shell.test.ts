import t from 'tap'
import { testApi } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { openPage } from './browser.ts'

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
