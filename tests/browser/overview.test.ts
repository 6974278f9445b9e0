import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { echo } from '../../src/tasks/echo.ts'
import { testApi } from '../http/api.ts'
import { nextEvent } from '../support/events.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'

t.setTimeout(60_000)

const broken = defineTask({
  name: 'broken',
  description: 'Always fails',
  payload: z.unknown(),
  run: async () => {
    throw new Error('the disk is full')
  },
})

t.test('the overview says whether all is well, what failed, what did not run and what comes', async (t) => {
  const { url, pool, events, startTick, startWorker } = await testApi(t)
  await startWorker([broken, echo])
  startTick()
  await pool.query(`insert into pgbeat.schedules (name, task_name, every, max_attempts)
    values ('failing', 'broken', '1 hour', 1), ('sound', 'echo', '10 minutes', 1)`)
  const finished = nextEvent(events, 'run:finished')
  await pool.query(`select pgbeat.trigger('failing')`)
  await finished
  await pool.query(`
    insert into pgbeat.minutes (minute, fired, succeeded, failed, cancelled, skipped, missed, lateness_p50_seconds,
      lateness_p99_seconds, lateness_max_seconds, lateness_runs, last_run_id)
    select date_trunc('minute', now()) - n * interval '1 minute', 120, 100, 10, 0, 5, 5, 0.01, 0.05, 0.1, 110, 0
    from generate_series(1, 30) n`)
  const page = await openPage(t)
  await page.goto(url)
  await page.getByRole('heading', { name: 'All is well' }).waitFor()
  await page.getByText(/term 1, heartbeat/).waitFor()
  const failures = page.locator('section').filter({ hasText: 'Recent failures' })
  await failures.getByText('the disk is full').waitFor()
  t.match(await failures.getByRole('link', { name: 'failing' }).getAttribute('href'), /^\/runs\/\d+$/)
  await page.getByText('Every instant of the last hour ran.').waitFor()
  await page.getByRole('img', { name: 'Lateness over the last hour' }).waitFor()
  await page.getByText('Show as a table').first().click()
  await page.getByRole('cell', { name: '50 ms' }).first().waitFor()
  t.ok((await page.locator('.density li').count()) === 60)
  await page.locator('.density li[title*="sound"]').first().waitFor()
  await accessible(t, page)
})

t.test('what is wrong is said with what to do', async (t) => {
  const { url } = await testApi(t)
  const page = await openPage(t)
  await page.goto(url)
  await page.getByRole('heading', { name: 'Something is wrong' }).waitFor()
  await page.getByText('Nobody leads: nothing fires').waitFor()
  await page.getByText('→ start bin/tick').waitFor()
})

t.test('how changes travel, and the last of them', async (t) => {
  const { url, pool, startTick, events } = await testApi(t)
  const passed = nextEvent(events, 'tick:passed')
  startTick()
  await passed
  const page = await openPage(t)
  await page.goto(`${url}/sync`)
  await page.getByText('NOTIFY reached LISTEN').waitFor()
  await page.getByText('Nobody mirrors.').waitFor()
  await page.getByText('There are no events yet.').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('s', 'echo', '1 hour')`)
  await page.getByRole('link', { name: 's', exact: true }).waitFor()
  await pool.query(`update pgbeat.mirror set channel = 'updates', numbered = 3, sent = 1, error = 'no route'`)
  await page.getByText('no route').waitFor()
  await accessible(t, page)
})
