import t from 'tap'
import { variables } from '../../../src/tasks/listed-info/config.ts'
import { createReachCheck, keyCheck } from '../../../src/tasks/listed-info/doctor.ts'
import { fetchListedInfoTask } from '../../../src/tasks/listed-info/index.ts'
import type { Scenario } from '../../../src/tasks/listed-info/stand-in/scenarios.ts'
import { startStandIn } from '../../../src/tasks/listed-info/stand-in/server.ts'
import { NOW, standInFor } from './support.ts'

/** A clock that is moved on by hand, and whose timeouts never pass. */
function stillClock() {
  let now = Date.parse(NOW)
  return {
    now: () => new Date(now),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    moveOn(ms: number) {
      now += ms
    },
  }
}

const needed = async () => true
const sound = { JQUANTS_API_KEY: 'stand-in-key' }

t.test('a key that is there and well-formed passes, and is never shown', async (t) => {
  const { status, message } = await keyCheck.look({ JQUANTS_API_KEY: 'a-secret', JQUANTS_PLAN: 'light' }, needed)
  t.equal(status, 'pass')
  t.match(message, /api\.jquants\.com, for 60 requests a minute/)
  t.notMatch(message, 'a-secret')
})

t.test('without a key it warns, and nobody is asked', async (t) => {
  for (const environment of [{}, { JQUANTS_API_KEY: ' ' }]) {
    t.match(await keyCheck.look(environment, needed), { status: 'warn', message: /JQUANTS_API_KEY is not set/ })
    t.match(await createReachCheck({ fetch: unasked }).look(environment, needed), {
      status: 'skip',
      message: /see jquants-key/,
    })
  }
})

t.test('nobody is warned who does not need one', async (t) => {
  t.match(await keyCheck.look({}, async () => false), { status: 'pass', message: /no enabled schedule needs it/ })
})

t.test('what the task could not use fails', async (t) => {
  for (const environment of [
    { JQUANTS_API_KEY: 'with space' },
    { ...sound, JQUANTS_BASE_URL: 'nowhere' },
    { ...sound, JQUANTS_PLAN: 'gold' },
    { ...sound, JQUANTS_REQUESTS_PER_MINUTE: '0' },
  ]) {
    const wrong = Object.keys(environment).at(-1) ?? ''
    const { status, message } = await keyCheck.look(environment, needed)
    t.equal(status, 'fail')
    t.match(message, wrong)
    t.notMatch(message, /with space|nowhere|gold/)
    t.match(await createReachCheck({ fetch: unasked }).look(environment, needed), { status: 'skip' })
  }
})

const unasked: typeof fetch = () => Promise.reject(new Error('it was asked'))

t.test('one request tells that the key is taken, whatever the plan', async (t) => {
  for (const plan of ['free', 'light', 'standard', 'premium'] as const) {
    const standIn = await standInFor(t, { plan })
    const check = createReachCheck({ clock: stillClock() })
    const found = await check.look({ ...sound, JQUANTS_BASE_URL: standIn.url }, needed)
    t.match(found, { status: 'pass', message: /takes the key and answers in \d+ ms/ }, plan)
    t.equal(standIn.requests.length, 1)
  }
})

t.test('what J-Quants refuses or can not do is told apart', async (t) => {
  const findings: [Scenario, object][] = [
    ['wrong-key', { status: 'fail', message: /invalid or expired/, action: /JQUANTS_API_KEY/ }],
    ['unauthorized', { status: 'fail', message: /401/, action: /JQUANTS_API_KEY/ }],
    ['no-subscription', { status: 'fail', message: /no active subscription/, action: /subscribe/ }],
    ['not-in-plan', { status: 'fail', message: /not available/, action: /subscribe/ }],
    ['unknown-endpoint', { status: 'fail', message: /does not exist/, action: /JQUANTS_BASE_URL/ }],
    ['rate-limited', { status: 'pass', message: /not to more requests just now/ }],
    ['error-503', { status: 'fail', message: /503/, action: /try again/ }],
    ['html-error', { status: 'fail', message: /502/, action: /try again/ }],
    ['cut-json', { status: 'fail', message: /not JSON/, action: /try again/ }],
    ['reset', { status: 'fail', message: /could not be reached/, action: /127\.0\.0\.1/ }],
  ]
  for (const [scenario, expected] of findings) {
    const standIn = await standInFor(t, { scenarios: { 1: scenario } })
    const check = createReachCheck({ clock: stillClock() })
    const found = await check.look({ ...sound, JQUANTS_BASE_URL: standIn.url }, needed)
    t.match(found, expected, scenario)
    t.equal(standIn.requests.length, 1, 'it is not tried again')
  }
})

t.test('a key that the server does not know fails', async (t) => {
  const standIn = await standInFor(t, { apiKey: 'another' })
  const found = await createReachCheck({ clock: stillClock() }).look(
    { ...sound, JQUANTS_BASE_URL: standIn.url },
    needed,
  )
  t.match(found, { status: 'fail', message: /invalid or expired/ })
})

t.test('a server that is away fails', async (t) => {
  const standIn = await startStandIn()
  await standIn.close()
  const found = await createReachCheck({ clock: stillClock() }).look(
    { ...sound, JQUANTS_BASE_URL: standIn.url },
    needed,
  )
  t.match(found, { status: 'fail', message: /could not be reached: .*ECONNREFUSED/ })
})

t.test('a server that does not answer fails in time', async (t) => {
  const standIn = await standInFor(t, { scenarios: { 1: 'slow-headers' } })
  const waited: number[] = []
  const clock = {
    now: () => new Date(),
    sleep: async (ms: number) => void waited.push(ms),
  }
  const found = await createReachCheck({ clock }).look({ ...sound, JQUANTS_BASE_URL: standIn.url }, needed)
  t.match(found, { status: 'fail', message: /did not answer within 4 s/ })
  t.same(waited, [4_000])
})

t.test('looking again within a minute costs the account no request', async (t) => {
  const standIn = await standInFor(t)
  const clock = stillClock()
  const check = createReachCheck({ clock })
  const environment = { ...sound, JQUANTS_BASE_URL: standIn.url }
  const first = await check.look(environment, needed)
  t.same(await check.look(environment, needed), first)
  t.equal(standIn.requests.length, 1)
  t.match(
    await check.look({ ...environment, JQUANTS_API_KEY: 'another' }, needed),
    { status: 'fail' },
    'another key is asked about',
  )
  await check.look(environment, needed)
  const asked = standIn.requests.length
  clock.moveOn(60_000)
  await check.look(environment, needed)
  t.equal(standIn.requests.length, asked + 1)
})

t.test('the task names its variables and checks', async (t) => {
  t.same(fetchListedInfoTask.variables, variables)
  t.same(
    variables.filter(({ isSecret }) => isSecret).map(({ name }) => name),
    ['JQUANTS_API_KEY'],
  )
  t.same(
    fetchListedInfoTask.checks?.map(({ name }) => name),
    ['jquants-key', 'jquants-reach'],
  )
})
