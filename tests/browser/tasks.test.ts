import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { testApi } from '../http/api.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'

t.setTimeout(60_000)

const report = defineTask({
  name: 'report',
  description: 'Reports of a day',
  payload: z.object({ day: z.string() }),
  run: async () => null,
})

t.test('tasks are listed with who has them, what they take and what runs them', async (t) => {
  const { url, pool, startWorker } = await testApi(t)
  await pool.query('delete from pgbeat.tasks')
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  await page.goto(`${url}/tasks`)
  await page.getByText('No worker has published a task yet').waitFor()
  await accessible(t, page)
  await startWorker([report])
  await pool.query(`insert into pgbeat.tasks (name, description) values ('orphan', 'Nobody has it')`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('s', 'orphan', '1 hour')`)
  const orphan = page.getByRole('row').filter({ hasText: 'Nobody has it' })
  await orphan.getByText('none: its runs wait').waitFor()
  const served = page.getByRole('row').filter({ hasText: 'Reports of a day' })
  t.equal(await served.getByRole('cell').first().textContent(), '1')
  await served.getByText('Show the schema').click()
  await served.getByText('"day"').first().waitFor()
  await accessible(t, page)
  await orphan.getByRole('link', { name: '1 schedules of orphan' }).click()
  await page.waitForURL(/\/schedules\?task=orphan$/)
  await page.getByText('1 schedule', { exact: true }).waitFor()
})
