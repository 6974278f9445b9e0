import t, { type Test } from 'tap'
import { PermanentError, RetryLaterError } from '../../../src/errors.ts'
import { type ClientOptions, createClient } from '../../../src/tasks/listed-info/api/client.ts'
import { CoverageError, MixedDatesError, TransientError } from '../../../src/tasks/listed-info/api/failures.ts'
import { fetchDay } from '../../../src/tasks/listed-info/api/fetch-day.ts'
import { openGate } from '../../../src/tasks/listed-info/api/gate.ts'
import type { Scenario } from '../../../src/tasks/listed-info/stand-in/scenarios.ts'
import { type StandIn, type StandInOptions, startStandIn } from '../../../src/tasks/listed-info/stand-in/server.ts'
import { failure, fakeClock, standInFor } from './support.ts'

const DATE = '2026-11-20'
const KEY = 'a-secret-key'
const never = new AbortController().signal
/** A day in four pages. */
const PAGE_BYTES = 400_000

interface Setup extends Partial<ClientOptions> {
  readonly server?: StandInOptions
}

async function setup(t: Test, { server, ...options }: Setup = {}) {
  const standIn = await standInFor(t, { apiKey: KEY, ...server })
  const clock = fakeClock()
  const client = createClient({ baseUrl: standIn.url, apiKey: KEY, clock, random: () => 1, ...options })
  return { standIn, clock, client, day: (code?: string) => fetchDay(client, { date: DATE, code }, never) }
}

function first(...scenarios: Scenario[]): StandInOptions {
  return { scenarios: Object.fromEntries(scenarios.map((scenario, index) => [index + 1, scenario])) }
}

function paged(scenarios: Record<number, Scenario>): StandInOptions {
  return { pageBytes: PAGE_BYTES, scenarios }
}

function keysOf(standIn: StandIn) {
  return standIn.requests.map((request) => request.query.pagination_key)
}

t.test('reads a day in one page, compressed', async (t) => {
  const { day, standIn } = await setup(t)
  const rows = await day()
  t.ok(rows.length > 4_000)
  t.strictSame(standIn.requests, [
    { path: '/v2/equities/master', query: { date: DATE }, acceptsGzip: true, status: 200 },
  ])
})

t.test('maps a row to the long names', async (t) => {
  const { day } = await setup(t)
  t.strictSame(await day('13010'), [])
  const [row] = await day('1303')
  t.strictSame(Object.keys(row ?? {}), [
    'date',
    'code',
    'company_name',
    'company_name_english',
    'sector_17_code',
    'sector_17_code_name',
    'sector_33_code',
    'sector_33_code_name',
    'scale_category',
    'market_code',
    'market_code_name',
    'margin_code',
    'margin_code_name',
    'product_category',
  ])
  t.match(row, { date: DATE, code: '13030', company_name: /^架空/, market_code: /^01/, margin_code: /^[123]$/ })
})

t.test('follows pages to the end, each with a key of its own', async (t) => {
  const { client, standIn } = await setup(t, { server: { pageBytes: PAGE_BYTES } })
  const sizes: number[] = []
  for await (const rows of client.pages({ date: DATE }, never)) sizes.push(rows.length)
  t.equal(sizes.length, 4)
  t.equal(
    sizes.reduce((sum, size) => sum + size),
    (await (await setup(t)).day()).length,
  )
  t.equal(new Set(keysOf(standIn)).size, 4)
})

t.test('asks for the next page only when it is wanted', async (t) => {
  const { client, standIn } = await setup(t, { server: { pageBytes: PAGE_BYTES } })
  for await (const rows of client.pages({ date: DATE }, never)) {
    t.ok(rows.length > 0)
    break
  }
  t.equal(standIn.requests.length, 1)
})

t.test('what may pass is tried three times, with growing pauses', async (t) => {
  for (const scenario of ['error-500', 'error-502', 'error-503', 'html-error', 'reset', 'cut-json'] as const) {
    const { day, clock, standIn } = await setup(t, { server: first(scenario, scenario) })
    t.ok((await day()).length > 4_000, scenario)
    t.equal(standIn.requests.length, 3, scenario)
    t.strictSame(clock.slept, [1_000, 2_000], scenario)
  }
})

t.test('the pauses are partly chance', async (t) => {
  const { day, clock } = await setup(t, { server: first('error-500', 'error-500'), random: () => 0 })
  await day()
  t.strictSame(clock.slept, [500, 1_000])
})

t.test('what fails three times is left to the next attempt of the run', async (t) => {
  const codes: Partial<Record<Scenario, string>> = {
    'error-500': 'server_error',
    'html-error': 'server_error',
    reset: 'network',
    'cut-json': 'broken_json',
  }
  for (const [scenario, code] of Object.entries(codes) as [Scenario, string][]) {
    const { day, standIn } = await setup(t, { server: first(scenario, scenario, scenario) })
    const error = await failure(day())
    t.type(error, TransientError, scenario)
    t.equal(error.code, code, scenario)
    t.equal(standIn.requests.length, 3, scenario)
  }
})

t.test('an HTML error is named by its text, not its tags', async (t) => {
  const { day } = await setup(t, { server: first('html-error'), tries: 1 })
  t.equal((await failure(day())).message, 'J-Quants answered 502: (text/html) 502 Bad Gateway 502 Bad Gateway')
})

t.test('a server that is not there is a network error', async (t) => {
  const gone = await startStandIn()
  await gone.close()
  const { client } = await setup(t, { tries: 1, baseUrl: gone.url })
  t.match(await failure(fetchDay(client, { date: DATE }, never)), { code: 'network', message: /ECONNREFUSED/ })
})

t.test('headers that do not come are a timeout', async (t) => {
  const clock = fakeClock()
  const server = { ...first('slow-headers'), onRequest: clock.expire }
  const { day } = await setup(t, { server, clock, tries: 1 })
  t.match(await failure(day()), { code: 'timeout', message: 'J-Quants did not answer within 30 s' })
})

t.test('a body that stalls is a timeout', async (t) => {
  const clock = fakeClock()
  let status = 0
  const waiting: typeof fetch = async (...args) => {
    const response = await fetch(...args)
    status = response.status
    // By then the body is being read.
    setImmediate(clock.expire)
    return response
  }
  const { day } = await setup(t, { server: first('stalled-body'), clock, fetch: waiting, tries: 1 })
  t.match(await failure(day()), { code: 'timeout' })
  t.equal(status, 200, 'the headers had come')
})

t.test('a 429 stays away for 60 s, then 120 s, without another try', async (t) => {
  for (const [attempt, delayMs] of [
    [1, 60_000],
    [2, 120_000],
    [3, 120_000],
  ] as const) {
    const { day, standIn, clock } = await setup(t, { server: first('rate-limited'), attempt })
    const error = await failure(day())
    t.type(error, RetryLaterError)
    t.match(error, { code: 'rate_limited', delayMs })
    t.equal(standIn.requests.length, 1)
    t.strictSame(clock.slept, [], 'the worker is not held')
  }
})

t.test('a 429 closes the gate for everyone on the account', async (t) => {
  const closed: number[] = []
  const gate = { ...openGate, close: async (ms: number) => void closed.push(ms) }
  const { day } = await setup(t, { server: first('rate-limited'), gate })
  await failure(day())
  t.strictSame(closed, [60_000])
})

t.test('every request passes the gate, and says whether pages came before it', async (t) => {
  const begun: boolean[] = []
  const gate = { ...openGate, enter: async (already: boolean) => void begun.push(already) }
  const { day } = await setup(t, { server: paged({ 1: 'error-500' }), gate })
  await day()
  t.strictSame(begun, [false, false, true, true, true])
})

t.test('a date outside the plan is named with what the plan covers', async (t) => {
  const windows = { free: '2024-08-29 ~ 2026-08-29', light: '2021-11-21 ~ ', standard: '2016-11-21 ~ ' } as const
  for (const plan of ['free', 'light', 'standard'] as const) {
    const { client, standIn } = await setup(t, { server: { plan } })
    const error = await failure(fetchDay(client, { date: '2012-01-04' }, never))
    t.type(error, CoverageError)
    t.type(error, PermanentError)
    t.match(error, {
      code: 'out_of_coverage',
      message: `2012-01-04 is outside what the J-Quants subscription covers: ${windows[plan]}`,
    })
    t.equal(standIn.requests.length, 1)
  }
})

t.test('the ends of what a plan covers are covered', async (t) => {
  const covered = new CoverageError('2012-01-04', '2024-08-29', '2026-08-29')
  t.strictSame(
    ['2024-08-28', '2024-08-29', '2026-08-29', '2026-08-30'].map((date) => covered.excludes(date)),
    [true, false, false, true],
  )
  const open = new CoverageError('2012-01-04', '2024-08-29', null)
  t.notOk(open.excludes('2099-01-01'))
})

t.test('what would fail again is not tried again, and says what it is', async (t) => {
  const codes: Partial<Record<Scenario, string>> = {
    'wrong-key': 'api_key_invalid',
    'no-subscription': 'no_active_subscription',
    'not-in-plan': 'not_in_subscription',
    'unknown-endpoint': 'endpoint_unknown',
    unauthorized: 'unauthorized',
  }
  for (const [scenario, code] of Object.entries(codes) as [Scenario, string][]) {
    const { day, standIn } = await setup(t, { server: first(scenario) })
    const error = await failure(day())
    t.type(error, PermanentError, scenario)
    t.equal(error.code, code, scenario)
    t.equal(standIn.requests.length, 1, scenario)
  }
})

t.test('a missing key, another 403 and another 400 are permanent', async (t) => {
  const answer = (status: number, body: string) => async () => new Response(body, { status })
  const codeFor = async (status: number, body: string) => {
    const { day } = await setup(t, { fetch: answer(status, body) })
    const error = await failure(day())
    t.type(error, PermanentError)
    return error.code
  }
  t.equal(await codeFor(403, '{"message":"The api key is required."}'), 'api_key_missing')
  t.equal(await codeFor(403, ''), 'forbidden')
  t.equal(await codeFor(400, '{"message":"no"}'), 'bad_request')
  t.equal(await codeFor(400, '[]'), 'bad_request')
  t.equal(await codeFor(404, 'Not found'), 'unexpected_status')
})

t.test('an impossible date is an error of the server, too', async (t) => {
  const { client } = await setup(t)
  t.match(await failure(fetchDay(client, { date: '2026-02-30' }, never)), { code: 'bad_request' })
})

t.test('a redirect is not followed, for it would carry the key away', async (t) => {
  const { standIn, client } = await setup(t, {
    fetch: async (_input, init) => {
      t.equal(init?.redirect, 'manual')
      return new Response(null, { status: 302, headers: { location: 'http://elsewhere.example/' } })
    },
  })
  t.match(await failure(fetchDay(client, { date: DATE }, never)), { code: 'unexpected_status' })
  t.equal(standIn.requests.length, 0)
})

t.test('a key that is revoked between two pages stops there', async (t) => {
  const { day, standIn } = await setup(t, { server: paged({ 3: 'wrong-key' }) })
  t.match(await failure(day()), { code: 'api_key_invalid' })
  t.equal(standIn.requests.length, 3)
})

t.test('an error between two pages repeats only its page', async (t) => {
  const { day, standIn } = await setup(t, { server: paged({ 3: 'error-503' }) })
  t.ok((await day()).length > 4_000)
  const keys = keysOf(standIn)
  t.equal(keys.length, 5)
  t.equal(keys[2], keys[3])
})

t.test('a pagination key that comes twice is an error', async (t) => {
  const { day, standIn } = await setup(t, { server: paged({ 2: 'repeated-key' }) })
  t.match(await failure(day()), { code: 'repeated_pagination_key' })
  t.equal(standIn.requests.length, 2)
})

t.test('too many pages are an error, never a cut answer', async (t) => {
  const three = await setup(t, { server: { pageBytes: PAGE_BYTES }, pageLimit: 3 })
  const error = await failure(three.day())
  t.type(error, PermanentError)
  t.match(error, { code: 'too_many_pages', message: 'The answer for 2026-11-20 has more than 3 pages' })
  const four = await setup(t, { server: { pageBytes: PAGE_BYTES }, pageLimit: 4 })
  t.ok((await four.day()).length > 4_000)
})

t.test('a day whose data is replaced between two pages is read once more', async (t) => {
  const { day, standIn } = await setup(t, { server: paged({ 2: 'mixed-dates' }) })
  const rows = await day()
  t.strictSame([...new Set(rows.map((row) => row.date))], [DATE])
  t.equal(new Set(rows.map((row) => row.code)).size, rows.length, 'nothing of the first reading is left')
  t.equal(standIn.requests.length, 2 + 4)
})

t.test('a day that stays mixed is left to the next attempt', async (t) => {
  const { day, standIn } = await setup(t, { server: paged({ 2: 'mixed-dates', 4: 'mixed-dates' }) })
  const error = await failure(day())
  t.type(error, MixedDatesError)
  t.type(error, TransientError)
  t.match(error.message, /2026-11-20 and 2026-11-24/)
  t.equal(standIn.requests.length, 4)
})

t.test('an empty day is no error', async (t) => {
  const { day } = await setup(t, { server: first('empty-day') })
  t.strictSame(await day(), [])
})

t.test('unknown keys pass, empty strings are null, three fields are required', async (t) => {
  const answered = async (row: Record<string, unknown>) => {
    const body = JSON.stringify({ data: [row], more: true })
    const { day } = await setup(t, { fetch: async () => new Response(body) })
    return day()
  }
  const row = { Date: DATE, Code: '13010', CoName: '架空商事', CoNameEn: '', New: 1, Mrgn: null }
  t.match(await answered(row), [
    { code: '13010', company_name_english: null, margin_code: null, margin_code_name: null, product_category: null },
  ])
  for (const name of ['Date', 'Code', 'CoName']) {
    for (const value of ['', undefined]) {
      const error = await failure(answered({ ...row, [name]: value }))
      t.type(error, PermanentError)
      t.match(error, { code: 'unexpected_answer', message: `data.0.${name}` })
    }
  }
})

t.test('JSON of another shape is permanent', async (t) => {
  const { day } = await setup(t, { fetch: async () => new Response('{"message":"hello"}') })
  t.match(await failure(day()), { code: 'unexpected_answer', name: 'PermanentError' })
})

t.test('the key is sent as a header and shown nowhere', async (t) => {
  let sent: Headers | undefined
  const { day } = await setup(t, {
    fetch: async (_input, init) => {
      sent = new Headers(init?.headers)
      return new Response(JSON.stringify({ message: `The key ${KEY} is bad` }), { status: 403 })
    },
  })
  const error = await failure(day())
  t.equal(sent?.get('x-api-key'), KEY)
  t.equal(error.message, 'J-Quants answered 403: The key [key] is bad')
  t.notMatch(`${error.stack}`, KEY)
})

t.test('stopping the worker ends a request at once, and is no failure of the server', async (t) => {
  const stop = new AbortController()
  const reason = new Error('worker stops')
  const server = { ...first('slow-headers'), onRequest: () => stop.abort(reason) }
  const { client, standIn } = await setup(t, { server, tries: 1 })
  t.equal(await failure(fetchDay(client, { date: DATE }, stop.signal)), reason)
  t.equal(standIn.requests.length, 1)
})

t.test('stopping the worker ends a pause at once', async (t) => {
  const stop = new AbortController()
  const reason = new Error('worker stops')
  const clock = fakeClock()
  const pausing = {
    ...clock,
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (ms < 30_000) stop.abort(reason)
      await clock.sleep(ms, signal)
    },
  }
  const { client } = await setup(t, { server: first('error-500'), clock: pausing })
  t.equal(await failure(fetchDay(client, { date: DATE }, stop.signal)), reason)
})
