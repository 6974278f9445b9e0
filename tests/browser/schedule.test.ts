import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { testApi } from '../http/api.ts'
import { nextEvent } from '../support/events.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'
import { focused, refuse } from './refusal.ts'

const flaky = defineTask({
  name: 'flaky',
  description: 'Fails as often as it is told',
  payload: z.object({ fail: z.boolean().default(false) }),
  async run({ payload, log, progress }) {
    log.warn('about to begin', { fail: payload.fail })
    await progress(1, 2, 'half-way')
    if (payload.fail) throw new Error('it was told to')
    return { done: true }
  },
})

t.setTimeout(60_000)

t.test('a schedule is run, paused and resumed, and shows what became of it and who did what', async (t) => {
  const api = await testApi(t)
  const { url, pool, row } = api
  await api.startWorker([flaky])
  api.startTick()
  await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression, timezone, max_attempts)
    values ('report', 'flaky', '30 2 * * *', 'America/New_York', 1)`)
  const { id } = await row<{ id: string }>('select id from pgbeat.schedules')
  const page = await openPage(t)
  await page.goto(`${url}/schedules/${id}`)
  await page.getByText('at 02:30, every day').waitFor()
  await page.locator('.next li').nth(19).waitFor()
  t.equal(await page.locator('.next li').count(), 20)
  await page.getByText('It has no runs yet.').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('cell', { name: 'succeeded' }).waitFor()
  const finished = nextEvent(api.events, 'run:finished')
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('{"fail": tru')
  t.ok(await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).isDisabled())
  await page.getByRole('dialog').getByRole('textbox').fill('{"fail": true}')
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click()
  t.match(await finished, { status: 'failed' })
  const failed = page.getByRole('row').filter({ hasText: 'it was told to' })
  await failed.waitFor()
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Note for the audit trail').fill('holidays')
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused since').waitFor()
  await page.locator('.changes').getByText('"holidays"').waitFor()
  await page.getByRole('button', { name: 'Resume', exact: true }).waitFor()
  await accessible(t, page)

  await failed.getByRole('link').click()
  await page.getByRole('heading', { name: 'Run of report' }).waitFor()
  await page.getByText('about to begin').waitFor()
  await page.getByRole('progressbar').waitFor()
  await page.getByRole('navigation', { name: 'Other runs of this schedule' }).getByText('succeeded').waitFor()
  await accessible(t, page)
  await page.getByRole('button', { name: 'Run again' }).click()
  const again = nextEvent(api.events, 'run:finished')
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
  await again
  await page.getByRole('table').getByRole('row').nth(2).waitFor()
})

t.test('a backfill is tried, begun, followed and listed', async (t) => {
  const api = await testApi(t)
  const { url, pool, row } = api
  await api.startWorker([flaky])
  api.startTick()
  await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression)
    values ('report', 'flaky', '0 * * * *')`)
  const { id } = await row<{ id: string }>('select id from pgbeat.schedules')
  const page = await openPage(t)
  await page.goto(`${url}/schedules/${id}`)
  await page.getByLabel('From').fill('2026-03-01T00:00:00')
  await page.getByLabel('Until').fill('2026-03-01T05:00:00')
  await page.getByRole('button', { name: 'Show what it would run' }).click()
  await page.getByText('It would run 6 of 6 instants.').waitFor()
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByText('6 of 6', { exact: true }).waitFor()
  t.match(await row(`select count(*)::int as runs from pgbeat.runs where origin = 'backfill'`), { runs: 6 })
})

t.test('pausing shows at once, is taken back when it is refused, and keeps the focus', async (t) => {
  const { url, pool, row } = await testApi(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('report', 'echo', '1 hour')`)
  const { id } = await row<{ id: string }>('select id from pgbeat.schedules')
  const page = await openPage(t)
  await page.goto(`${url}/schedules/${id}`)
  t.notOk(await page.getByText('Paused since').isVisible())
  const pause = async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).press('Enter')
    await page.getByText('Paused since').waitFor()
  }
  const answer = await refuse(page, `/schedules/${id}/pause`)
  await pause()
  // Whatever is asked for now fails too: what was assumed is taken back all the same.
  await page.route(`**/api/v1/schedules/${id}`, (route) => route.fulfill({ status: 404 }))
  answer()
  await page.getByText('Not paused: it is out of order').waitFor()
  await page.getByText('Paused since').waitFor({ state: 'hidden' })
  t.equal(await focused(page), 'Pause')
  await page.unrouteAll()
  await pause()
  await page.getByRole('status').getByText('Paused', { exact: true }).waitFor()
  t.equal(await focused(page), 'Resume')
  t.match(await row('select enabled from pgbeat.schedules'), { enabled: false })
  await page.getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByText('There are no schedules yet').waitFor()
  t.not(await focused(page), '')
})
