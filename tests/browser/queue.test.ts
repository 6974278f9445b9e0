import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { testApi } from '../http/api.ts'
import { nextEvent } from '../support/events.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'

t.setTimeout(60_000)

t.test('the queue shows what waits for whom, and leads to the runs', async (t) => {
  const { url, pool, events, startWorker, startTick } = await testApi(t)
  const slow = defineTask({
    name: 'slow',
    description: 'Runs until it is stopped',
    payload: z.object({}),
    run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
  })
  await startWorker([slow], 1, 0)
  startTick()
  await pool.query(`insert into pgbeat.tasks (name) values ('orphan') on conflict do nothing`)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every)
    select name, task, '1 day' from (values ('a', 'slow'), ('b', 'slow'), ('c', 'orphan')) v (name, task)`)
  const started = nextEvent(events, 'run:started')
  await pool.query('select pgbeat.trigger(name) from pgbeat.schedules')
  await started
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  await page.goto(`${url}/queue`)
  const row = (task: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: task }) })
  await row('orphan').getByText('No worker takes it').waitFor()
  await row('slow').getByText('None is free').waitFor()
  await page.getByText('2 queued, 1 running').waitFor()
  await accessible(t, page)
  await row('slow').getByRole('link', { name: '1 queued runs of slow' }).click()
  await page.waitForURL(/\/runs\?status=queued&task=slow$/)
  await page.getByText('1 run', { exact: true }).waitFor()
})
