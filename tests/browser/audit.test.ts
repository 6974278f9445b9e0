import t from 'tap'
import { testApi } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'

t.setTimeout(60_000)

t.test(
  'the audit trail is filtered in the address, shows what changed, and is read on as it is scrolled',
  async (t) => {
    const { url, pool, row } = await testApi(t)
    const page = await openPage(t, { viewport: { width: 380, height: 800 } })
    await page.goto(`${url}/audit`)
    await page.getByText('Nothing was done yet').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    await pool.query(`
    insert into pgbeat.schedules (name, task_name, every) select 's' || n, 'echo', '1 hour' from generate_series(1, 120) n`)
    await page.getByText('120 entries').waitFor()
    const entries = page.getByRole('list', { name: 'Audit' }).locator('> li')
    t.equal(await entries.count(), 50)
    while ((await entries.count()) < 120) await entries.last().scrollIntoViewIfNeeded()
    await page.getByText('This is where the trail begins').waitFor()
    await pool.query(`update pgbeat.schedules set timezone = 'Asia/Tokyo' where name = 's7'`)
    await pool.query(`select pgbeat.pause('s7', 'the exchange is closed')`)
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByLabel('What was done').selectOption('updated')
    await page.getByText('1 entry').waitFor()
    await page.waitForURL(/\/audit\?type=updated$/)
    await entries.getByText('What changed: timezone').click()
    await entries.getByText('"Asia/Tokyo"').waitFor()
    await accessible(t, page)
    await page.getByLabel('What was done').selectOption('')
    await page.getByLabel('Schedule, by name or id').fill('s7')
    await page.getByText('3 entries').waitFor()
    await entries
      .filter({ hasText: 'the exchange is closed' })
      .getByTitle(/^Only what/)
      .click()
    await page.waitForURL(/\/audit\?who=.+&schedule=s7$/)
    await page.getByLabel('Schedule, by name or id').fill('nonsense')
    await page.getByRole('alert').getByText('no schedule is called "nonsense"').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.getByText('122 entries').waitFor()
    await pool.query(`select pgbeat.trigger('s7')`)
    const { id } = await row<{ id: string }>('select id from pgbeat.runs')
    await entries
      .first()
      .getByRole('link', { name: `run ${id}` })
      .click()
    await page.getByRole('heading', { name: 'Run of s7' }).waitFor()
  },
)

t.test('what was done to keys and workers is in it', async (t) => {
  const { url, db, pool } = await testApi(t)
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  await pool.query(`
    insert into pgbeat.nodes (id, kind, host, pid, version) values (gen_random_uuid(), 'worker', 'h', 7, '0');
    update pgbeat.nodes set draining_at = now() where kind = 'worker'`)
  await page.goto(`${url}/sync`)
  await page.getByText('worker drained').waitFor()
  await page.goto(`${url}/audit`)
  const entries = page.getByRole('list', { name: 'Audit' }).locator('> li')
  await entries.filter({ hasText: 'worker drained' }).getByRole('link', { name: 'h 7' }).waitFor()
  const { token } = await addKey(db, 'ann')
  await page.reload()
  await page.getByLabel('API key').fill(token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByLabel('What was done').selectOption('key created')
  await page.waitForURL(/type=key_created$/)
  await page.getByText('1 entry').waitFor()
  await entries.getByText('What changed: role').click()
  await entries.getByText('"viewer"').waitFor()
  await accessible(t, page)
})
