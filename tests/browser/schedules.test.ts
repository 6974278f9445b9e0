import t from 'tap'
import { testApi } from '../http/api.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'
import { focused, refuse } from './refusal.ts'

t.setTimeout(60_000)

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
  await page.getByText('1 schedule', { exact: true }).waitFor()
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

t.test('the latest runs of what can be seen are shown, and follow what happens', async (t) => {
  const { url, pool, startTick, startWorker } = await testApi(t)
  startTick()
  await startWorker()
  await pool.query(`insert into pgbeat.tasks (name) values ('orphan')`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression)
    select 'report ' || lpad(n::text, 4, '0'), case n when 1 then 'echo' else 'orphan' end, '0 0 1 1 *'
    from generate_series(1, 400) n`)
  await pool.query(`
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, scheduled_for, origin, status, max_attempts, payload,
      queued_at, started_at, finished_at)
    select id, name, task_name, now() - n * interval '1 hour', 'manual', case n when 1 then 'failed' else 'succeeded' end,
      1, '{}', now(), now(), now()
    from pgbeat.schedules, generate_series(1, 3) n where name = 'report 0001'`)
  const page = await openPage(t)
  const asked: number[] = []
  page.on('request', (request) => {
    const ids = new URL(request.url()).searchParams.get('schedule_ids')
    if (ids !== null) asked.push(ids.split(',').length)
  })
  await page.goto(`${url}/schedules?search=report`)
  const first = page.getByRole('row').filter({ hasText: 'report 0001' })
  await first.getByRole('img', { name: /: 1 failed, 2 succeeded$/ }).waitFor()
  t.ok(asked.every((count) => count <= 100) && asked.length < 4, `asked for ${asked}`)
  await first.getByText('Failing').waitFor()
  await accessible(t, page)
  await pool.query(`select pgbeat.trigger('report 0001')`)
  await first.getByRole('img', { name: /: 3 succeeded, 1 failed$/ }).waitFor()
  await first.getByText('Well').waitFor()
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

t.test('what is done to a selection shows at once, and is taken back with a word when it is refused', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every)
    values ('a', 'echo', '1 hour'), ('b', 'echo', '1 hour')`)
  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  const health = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name }) })
  const act = async (name: string) => {
    await page.getByRole('button', { name }).click()
    await page.getByRole('dialog').getByRole('button', { name }).click()
  }
  await page.getByRole('checkbox', { name: 'Select a' }).check()
  const answer = await refuse(page, '/bulk/pause')
  await act('Pause')
  await health('a').getByText('Paused').waitFor()
  t.notOk(await health('b').getByText('Paused').isVisible())
  answer()
  await page.getByText('Nothing was changed: it is out of order').waitFor()
  await health('a').getByText('Paused').waitFor({ state: 'hidden' })
  await act('Pause')
  await page.getByText('1 paused').waitFor()
  t.match(await row(`select enabled from pgbeat.schedules where name = 'a'`), { enabled: false })
  await page.getByRole('group', { name: '1 selected' }).waitFor({ state: 'hidden' })
  t.not(await focused(page), '')
})

t.test('a row that has the focus stays while its list is scrolled', async (t) => {
  const { url, pool } = await testApi(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every)
    select 's' || lpad(n::text, 3, '0'), 'echo', '1 hour' from generate_series(1, 200) n`)
  const page = await openPage(t)
  await page.goto(`${url}/schedules`)
  await page.getByRole('link', { name: 's001' }).focus()
  await page.getByRole('link', { name: 's001' }).press('End')
  await page.getByRole('link', { name: 's200' }).waitFor()
  t.equal(await focused(page), 's001')
  await pool.query(`delete from pgbeat.schedules where name = 's001'`)
  await page.getByText('199 schedules').waitFor()
  t.not(await focused(page), '')
})

t.test('in Japanese it says when they run in Japanese', async (t) => {
  const { url, pool } = await testApi(t)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone)
    values ('report', 'echo', '30 9 * * 1-5', 'Asia/Tokyo')`)
  const page = await openPage(t, { locale: 'ja-JP' })
  await page.goto(`${url}/schedules`)
  await page.getByRole('row').filter({ hasText: 'report' }).getByText('毎週月〜金曜 09:30').waitFor()
})

t.test(
  'on a phone a schedule is a card that has all of it, and what narrows the list down is behind a button',
  async (t) => {
    const { url, pool } = await testApi(t)
    await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
    await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone)
    select 'report ' || n, 'echo', '30 9 * * 1-5', 'Asia/Tokyo' from generate_series(1, 30) n`)
    await pool.query(`update pgbeat.schedules set next_run_at = now() + interval '150 minutes'`)
    const page = await openPage(t, { viewport: { width: 390, height: 844 } })
    await page.goto(`${url}/schedules`)
    const card = page.getByRole('row').filter({ hasText: /^report 1\D/ })
    await card.getByText('at 09:30, Monday through Friday').waitFor()
    for (const part of ['in 2 hr', 'GMT+9', 'No runs yet', 'No worker']) {
      const [inside, outside] = await Promise.all([card.getByText(part).boundingBox(), card.boundingBox()])
      t.ok(inside !== null && outside !== null, part)
      t.ok(
        (inside?.y ?? 0) + (inside?.height ?? 0) <= (outside?.y ?? 0) + (outside?.height ?? 0),
        `${part} is in the card`,
      )
    }
    t.notOk(await page.getByLabel('State').isVisible())
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByLabel('State').selectOption('paused')
    await page.getByText('No schedule matches the filter.').waitFor()
  },
)
