import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Step } from '../../src/doctor/e2e/steps.ts'
import { travel } from '../../src/doctor/e2e/travel.ts'
import { type Api, testApi } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { nextEvent } from '../support/events.ts'

async function journey(url: string, key?: string): Promise<{ isWell: boolean; steps: Step[] }> {
  const steps: Step[] = []
  const onStep = (step: Step) => steps.push(step)
  const isWell = await travel({ url, ...(key && { key }), signal: new AbortController().signal, onStep })
  return { isWell, steps }
}

const passed = (steps: readonly Step[]) => steps.filter(({ status }) => status === 'pass').map(({ name }) => name)
const failed = (steps: readonly Step[]) => steps.filter(({ status }) => status === 'fail')

const isClean = async ({ row }: Api) =>
  (
    await row<{ clean: boolean }>(`
    select not exists (select from pgbeat.schedules)
      and not exists (select from pgbeat.runs where status in ('waiting', 'queued', 'running', 'retrying')) as clean`)
  ).clean

async function startTick(api: Api): Promise<void> {
  const elected = nextEvent(api.events, 'leader:elected')
  api.startTick()
  await elected
}

t.setTimeout(90_000)

t.test('a sound system passes each step, and keeps the run alone', async (t) => {
  const api = await testApi(t)
  await startTick(api)
  await api.startWorker()
  const { isWell, steps } = await journey(api.url)
  t.same(failed(steps), [])
  t.equal(isWell, true)
  t.same(passed(steps), ['api', 'events', 'created', 'told', 'queued', 'started', 'succeeded', 'history', 'deleted'])
  t.ok(steps.every(({ ms }) => ms >= 0 && ms < 10_000))
  t.ok(await isClean(api))
  const runs = await api.row(
    `select count(*)::int as runs, min(schedule_name) as name, min(status) as status from pgbeat.runs`,
  )
  t.match(runs, { runs: 1, name: /^doctor-e2e-[0-9a-f]{12}$/, status: 'succeeded' })
})

t.test('without an API the first step fails', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  const { isWell, steps } = await journey(`http://127.0.0.1:${port}`)
  t.equal(isWell, false)
  t.match(steps, [
    { name: 'api', status: 'fail', message: /ECONNREFUSED/, action: /^start bin\/api, or set PGBEAT_API_URL/ },
  ])
  t.equal(steps.length, 1)
})

t.test('where keys are needed it takes one, of an admin', async (t) => {
  const api = await testApi(t)
  const { token } = await addKey(api.db, 'reader')
  t.match(failed((await journey(api.url)).steps), [{ name: 'events', action: /^set PGBEAT_API_KEY/ }])
  const refused = await journey(api.url, token)
  t.match(failed(refused.steps), [{ name: 'created', action: /role admin/ }])
  t.equal(refused.steps.at(-1)?.name, 'created', 'there is nothing to delete')
})

t.test('without a tick it is not queued', async (t) => {
  const api = await testApi(t)
  const { isWell, steps } = await journey(api.url)
  t.equal(isWell, false)
  t.match(failed(steps), [{ name: 'queued', message: /^did not happen within 8 s/, action: /^no tick has fired it/ }])
  t.equal(steps.at(-1)?.name, 'deleted')
  t.ok(await isClean(api))
})

t.test('without a worker it is not started, and not left to the next one', async (t) => {
  const api = await testApi(t)
  await startTick(api)
  const { steps } = await journey(api.url)
  t.match(failed(steps), [{ name: 'started', action: /^no worker has run it/ }])
  t.equal(steps.at(-1)?.name, 'deleted')
  t.ok(await isClean(api))
})

function startDoctor(url: string) {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'doctor', 'e2e'], {
    env: { PATH: process.env.PATH, PGBEAT_API_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, exited: once(child, 'exit') }
}

t.test('a signal does not keep it from cleaning up', async (t) => {
  const api = await testApi(t)
  const { child, exited } = startDoctor(api.url)
  const said: string[] = []
  for await (const line of createInterface(child.stdout)) {
    said.push(line)
    if (line.includes('told')) child.kill('SIGTERM')
  }
  t.same(await exited, [2, null])
  t.match(said.slice(-3), [/^fail {2}queued .* stopped early$/, /→ run it again$/, /^pass {2}deleted /])
  t.ok(await isClean(api))
})

t.test('nor does a reader that goes', async (t) => {
  const api = await testApi(t)
  const { child, exited } = startDoctor(api.url)
  for await (const line of createInterface(child.stdout)) if (line.includes('created')) break
  child.stdout.destroy()
  t.same(await exited, [2, null])
  t.ok(await isClean(api))
})
