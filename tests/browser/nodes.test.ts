import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { testApi } from '../http/api.ts'
import { nextEvent } from '../support/events.ts'
import { accessible } from './axe.ts'
import { openPage } from './browser.ts'
import { refuse } from './refusal.ts'

t.setTimeout(60_000)

const slow = defineTask({
  name: 'slow',
  description: 'Runs until it is stopped',
  payload: z.object({}),
  run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
})

t.test('nodes are shown with how they are and what they run, and a worker is drained and undrained', async (t) => {
  const { url, pool, events, row, startWorker, startTick } = await testApi(t)
  const page = await openPage(t, { viewport: { width: 380, height: 800 } })
  // A clock that is wrong makes no node older.
  await page.clock.setFixedTime('2001-01-01')
  await page.goto(`${url}/nodes`)
  const kind = (name: string) => page.getByRole('region', { name })
  await kind('Workers').getByText('runs are queued and wait').waitFor()
  await kind('Ticks').getByText('nothing is fired').waitFor()
  await kind('APIs').getByText(/alive/).waitFor()
  startTick()
  await startWorker([slow], 3, 0)
  await pool.query(`
    insert into pgbeat.nodes (id, kind, host, pid, version, heartbeat_at)
    values (gen_random_uuid(), 'tick', 'dead', 7, '0.1.0', now() - interval '20 seconds')`)
  await kind('Ticks')
    .getByText(/leads, term \d+/)
    .waitFor()
  const dead = kind('Ticks').getByRole('listitem').filter({ hasText: 'dead' })
  await dead.getByText('gone').waitFor()
  await dead.getByText(/^2\d(\.\d)? s ago$/).waitFor()
  await page.route('**/api/v1/nodes', async (route) => {
    const response = await route.fetch()
    const { data } = await response.json()
    const late = { is_alive: true, heartbeat_age_seconds: 4.2 }
    const json = { data: data.map((node: { host: string }) => (node.host === 'dead' ? { ...node, ...late } : node)) }
    await route.fulfill({ response, json })
  })
  await dead.getByText('stale').waitFor()
  await dead.getByText('4.2 s ago').waitFor()
  await page.unroute('**/api/v1/nodes')
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('long one', 'slow', '1 day')`)
  const started = nextEvent(events, 'run:started')
  await pool.query(`select pgbeat.trigger('long one')`)
  await started
  await kind('Workers').getByRole('link', { name: 'long one' }).waitFor()
  await accessible(t, page)
  const isDraining = kind('Workers').getByText('takes no new runs')
  const drain = async () => {
    await kind('Workers')
      .getByRole('button', { name: /^Drain/ })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click()
    await isDraining.waitFor()
  }
  const answer = await refuse(page, '/nodes/*/drain')
  // What is asked for every other second says what is true.
  await page.route('**/api/v1/nodes', () => {})
  await drain()
  answer()
  await page.getByText('Not drained: it is out of order').waitFor()
  await isDraining.waitFor({ state: 'hidden' })
  await page.unroute('**/api/v1/nodes')
  await drain()
  await page.getByText('It takes no new runs', { exact: true }).waitFor()
  t.not((await row<{ at: Date | null }>(`select draining_at as at from pgbeat.nodes where kind = 'worker'`)).at, null)
  const undrained = page.waitForResponse('**/undrain')
  await kind('Workers')
    .getByRole('button', { name: /take runs again$/ })
    .click()
  await kind('Workers')
    .getByRole('button', { name: /^Drain/ })
    .waitFor()
  await undrained
  t.equal((await row<{ at: Date | null }>(`select draining_at as at from pgbeat.nodes where kind = 'worker'`)).at, null)
})
