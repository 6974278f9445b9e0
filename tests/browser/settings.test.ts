import t from 'tap'
import { testApi } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'
import { focused, refuse } from './refusal.ts'

t.setTimeout(60_000)

t.test('the first key closes the API, is shown once, and the browser goes on with it', async (t) => {
  const { url, row } = await testApi(t)
  const page = await openPage(t, { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.goto(`${url}/settings`)
  await page.getByText('The first key closes the API').waitFor()
  await page.getByText('There are no keys yet.').waitFor()
  t.equal(await page.getByLabel('Role').inputValue(), 'admin')
  await page.getByLabel('Role').selectOption('viewer')
  await page.getByText('nobody could make another key').waitFor()
  await page.getByLabel('Role').selectOption('admin')
  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Expires').fill('2099-01-01T00:00')
  await page.getByRole('button', { name: 'Create a key' }).click()
  const issued = page.getByRole('region', { name: 'The token of ann' })
  const token = await issued.getByRole('textbox').inputValue()
  await page.getByRole('row').filter({ hasText: 'ann' }).getByText('active').waitFor()
  await accessible(t, page)
  await issued.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied').waitFor()
  t.equal(await page.evaluate('navigator.clipboard.readText()'), token)
  t.equal((await fetch(`${url}/api/v1/keys`)).status, 401)
  t.equal((await fetch(`${url}/api/v1/keys`, { headers: { authorization: `Bearer ${token}` } })).status, 200)
  t.match(await row('select role, expires_at from pgbeat.api_keys'), {
    role: 'admin',
    expires_at: new Date('2099-01-01T00:00:00Z'),
  })
  await issued.getByRole('button', { name: 'I have it' }).click()
  await issued.waitFor({ state: 'hidden' })
  await page.reload()
  await page.getByRole('row').filter({ hasText: 'ann' }).waitFor()
  t.notOk(await issued.isVisible())
})

t.test('keys are revoked by admins, and others are told why they see none', async (t) => {
  const { url, db, row } = await testApi(t)
  const { token: admin } = await addKey(db, 'ann', 'admin')
  const { token: viewer } = await addKey(db, 'bob')
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  const logIn = async (token: string) => {
    await page.getByLabel('API key').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  await page.goto(`${url}/settings`)
  await logIn(viewer)
  await page.getByText('your key is of the role viewer').waitFor()
  await accessible(t, page)
  await page.context().clearCookies()
  await page.reload()
  await logIn(admin)
  await page.getByLabel('Name').fill('bob')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await page.getByText('No key was made').waitFor()
  const revoke = async (name: string) => {
    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  }
  const answer = await refuse(page, '/keys/*/revoke')
  await revoke('bob')
  await page.getByRole('row').filter({ hasText: 'bob' }).getByText('revoked').waitFor()
  answer()
  await page.getByText('Not revoked: it is out of order').waitFor()
  await page.getByRole('row').filter({ hasText: 'bob' }).getByText('active').waitFor()
  t.match(await focused(page), /^Revoke /)
  await revoke('bob')
  await page.getByText('bob is revoked').waitFor()
  t.not((await row<{ at: Date }>(`select revoked_at as at from pgbeat.api_keys where name = 'bob'`)).at, null)
  await page.getByRole('button', { name: 'Revoke bob' }).waitFor({ state: 'hidden' })
  t.equal(await focused(page), 'Revoke ann')
  await page.getByRole('button', { name: 'Revoke ann' }).click()
  await page.getByText('you are logged out').waitFor()
  await page.getByText('It is the last admin').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByLabel('API key').waitFor()
})

t.test('what is refused while the first key is made does not log out who has just logged in', async (t) => {
  const { url } = await testApi(t)
  const page = await openPage(t)
  await page.goto(`${url}/settings`)
  await page.getByText('Live', { exact: true }).waitFor()
  // The stream ends with the first key. What is asked then is refused, and hears of that after the login.
  const issued = page.getByRole('region', { name: 'The token of ann' })
  const { promise: refused, resolve: refuseNow } = Promise.withResolvers<void>()
  await page.route(
    '**/api/v1/events',
    async (route) => {
      await refused
      await route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code": "unauthorized"}' })
    },
    { times: 1 },
  )
  let logins = 0
  await page.exposeFunction('loginShown', () => (logins += 1))
  await page.evaluate(`new MutationObserver(() => document.querySelector('.login') && loginShown())
    .observe(document.body, { childList: true, subtree: true })`)
  await page.getByLabel('Name').fill('ann')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await issued.waitFor()
  await page.getByRole('row').filter({ hasText: 'ann' }).waitFor()
  const asked = page.waitForResponse((response) => response.url().endsWith('/session'))
  refuseNow()
  await asked
  await page.getByText('Live', { exact: true }).waitFor()
  t.equal(logins, 0)
})
