import t, { type Test } from 'tap'
import { allCompanies, companiesOn } from '../../../src/tasks/listed-info/stand-in/companies.ts'
import type { MasterRow } from '../../../src/tasks/listed-info/stand-in/rows.ts'
import type { StandInOptions } from '../../../src/tasks/listed-info/stand-in/server.ts'
import { NOW, standInFor } from './support.ts'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    readonly message?: string
    readonly pagination_key?: string
    readonly data?: (MasterRow & { HolDiv: string })[]
  }
}

async function setup(t: Test, options: StandInOptions = {}) {
  const { url, apiKey } = await standInFor(t, options)
  return async (query: string, { path = '/v2/equities/master', key = apiKey } = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}${query}`, { headers: key ? { 'x-api-key': key } : {} })
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
}

async function dateFor(t: Test, query: string, now = NOW, plan: StandInOptions['plan'] = 'premium') {
  const get = await setup(t, { now: () => new Date(now), plan })
  return (await get(query)).body.data?.[0]?.Date
}

t.test('a day has about 4,400 companies and 1.4 MB on one page', async (t) => {
  const get = await setup(t)
  for (const date of ['2008-05-07', '2014-02-03', '2020-03-16', '2026-11-20']) {
    const { body } = await get(`?date=${date}`)
    const rows = body.data ?? []
    t.ok(rows.length > 4_350 && rows.length < 4_500, `${rows.length} on ${date}`)
    const bytes = Buffer.byteLength(JSON.stringify(body))
    t.ok(bytes > 1_300_000 && bytes < 1_500_000, `${bytes} bytes`)
    t.notOk('pagination_key' in body)
    t.equal(new Set(rows.map((row) => row.Code)).size, rows.length)
  }
})

t.test('names are obviously fictional, and nobody shares one', async (t) => {
  const companies = allCompanies()
  t.ok(companies.every(({ name, nameEnglish }) => /^架空/.test(name) && /^Kakuu .*\(Fictional\)/.test(nameEnglish)))
  t.equal(new Set(companies.map(({ name }) => name)).size, companies.length)
  t.equal(new Set(companies.map(({ code }) => code)).size, companies.length)
  t.ok(companies.every(({ code }) => /^[1-9]\d[0-9][0-9A-Z][05]$/.test(code)))
})

t.test('companies are listed and delisted over time', async (t) => {
  const early = new Set(companiesOn('2010-01-04'))
  const late = new Set(companiesOn('2026-11-20'))
  const stayed = [...early].filter((company) => late.has(company)).length
  t.ok(stayed > 3_000)
  t.ok(early.size - stayed > 100, 'gone')
  t.ok(late.size - stayed > 100, 'new')
})

t.test('a company is there from its first day to the day before its last', async (t) => {
  const get = await setup(t)
  const company = allCompanies().find(({ listedOn, delistedOn }) => listedOn > '2015' && delistedOn < '2020')
  t.ok(company)
  const codesOn = async (date = '') => (await get(`?code=${company?.code}&date=${date}`)).body.data?.length
  t.equal(await codesOn(company?.listedOn), 1)
  t.equal(await codesOn('2015-01-05'), 0)
  t.equal(await codesOn(company?.delistedOn), 0)
})

t.test('pages have opaque keys of their own and add up to the day', async (t) => {
  const get = await setup(t, { pageBytes: 300_000 })
  const codes: string[] = []
  const keys: string[] = []
  for (let key: string | undefined = ''; key !== undefined; ) {
    const { body }: Answer = await get(`?date=2026-11-20&${key ? `pagination_key=${key}` : ''}`)
    codes.push(...(body.data ?? []).map((row) => row.Code))
    key = body.pagination_key
    if (key !== undefined) keys.push(key)
  }
  t.strictSame(
    codes,
    companiesOn('2026-11-20').map(({ code }) => code),
  )
  t.equal(keys.length, 4)
  t.equal(new Set(keys).size, 4)
  t.ok(keys.every((key) => /^[\w-]{20,}$/.test(key)))
  t.match(await get(`?date=2026-11-19&pagination_key=${keys[0]}`), { status: 400 }, 'a key belongs to its query')
  t.match(await get('?date=2026-11-20&pagination_key=made-up'), { status: 400 })
})

t.test('a closed day answers with the next business day', async (t) => {
  t.equal(await dateFor(t, '?date=2026-09-19'), '2026-09-24', 'Silver Week')
  t.equal(await dateFor(t, '?date=20251231'), '2026-01-05', 'the year end')
  t.equal(await dateFor(t, ''), '2026-11-24', 'no date on a Saturday before a Monday off')
  t.equal(await dateFor(t, '', '2026-11-20T12:00:00+09:00'), '2026-11-20', 'no date on a business day')
})

t.test('before the first day with data it is that day', async (t) => {
  t.equal(await dateFor(t, '?date=1999-12-31'), '2008-05-07')
})

t.test('the next business day is there from 17:30', async (t) => {
  t.equal(await dateFor(t, '?date=2026-11-19', '2026-11-18T17:29:59+09:00'), '2026-11-18')
  t.equal(await dateFor(t, '?date=2026-11-19', '2026-11-18T17:30:00+09:00'), '2026-11-19')
  t.equal(await dateFor(t, '?date=2026-12-24', '2026-11-18T17:30:00+09:00'), '2026-11-19', 'and nothing later')
})

t.test('both spellings of a date are read, and impossible dates refused', async (t) => {
  const get = await setup(t)
  t.strictSame((await get('?date=20261120')).body, (await get('?date=2026-11-20')).body)
  for (const date of ['2026-02-30', '20261301', 'today', '2026-1120', '']) {
    t.match(await get(`?date=${date}`), { status: 400, body: { message: /date/ } }, date)
  }
})

t.test('4 characters mean the common stock, 5 exactly one issue', async (t) => {
  const get = await setup(t)
  const codes = async (code: string) => (await get(`?date=2026-11-20&code=${code}`)).body.data?.map((row) => row.Code)
  const preferred = companiesOn('2026-11-20').find(({ code }) => code.endsWith('5'))?.code ?? ''
  const issuer = preferred.slice(0, 4)
  t.strictSame(await codes(issuer), [`${issuer}0`])
  t.strictSame(await codes(preferred), [preferred])
  t.strictSame(await codes('9999'), [], 'no match is no error')
  t.match(await get('?code=13'), { status: 400 })
})

t.test('segments are those of the time', async (t) => {
  const get = await setup(t)
  const markets = async (date: string) => [...new Set((await get(`?date=${date}`)).body.data?.map((row) => row.Mkt))]
  t.strictSame((await markets('2022-04-01')).sort(), ['0101', '0102', '0104', '0105', '0106', '0107', '0109'])
  t.strictSame((await markets('2022-04-04')).sort(), ['0105', '0109', '0111', '0112', '0113'])
})

t.test('a plan sees its window only', async (t) => {
  const covers = 'Your subscription covers the following dates: '
  const windows = [
    ['free', '2024-08-29', '2026-08-29', `${covers}2024-08-29 ~ 2026-08-29.`],
    ['light', '2021-11-21', null, `${covers}2021-11-21 ~ .`],
    ['standard', '2016-11-21', null, `${covers}2016-11-21 ~ .`],
  ] as const
  const dayBefore = { '2024-08-29': '2024-08-28', '2021-11-21': '2021-11-20', '2016-11-21': '2016-11-20' }
  for (const [plan, from, to, message] of windows) {
    const get = await setup(t, { plan })
    t.match(await get(`?date=${from}&code=1301`), { status: 200 }, plan)
    t.match(await get(`?date=${dayBefore[from]}`), { status: 400, body: { message } }, plan)
    t.equal((await get(`?date=${to ?? '2026-11-20'}&code=1301`)).status, 200, plan)
    if (to) t.match(await get('?date=2026-08-31'), { status: 400, body: { message } }, plan)
  }
  t.equal(await dateFor(t, '', NOW, 'free'), '2026-08-31', 'without a date, the newest that the plan sees')
})

t.test('margin needs the Standard plan', async (t) => {
  for (const [plan, margin] of [
    ['free', false],
    ['light', false],
    ['standard', true],
    ['premium', true],
  ] as const) {
    const get = await setup(t, { plan })
    const [row] = (await get('?date=2026-08-28&code=1303')).body.data ?? []
    t.equal('Mrgn' in (row ?? {}), margin, plan)
    t.equal('ProdCat' in (row ?? {}), plan !== 'free', plan)
  }
})

t.test('a key is needed, and the right one', async (t) => {
  const get = await setup(t)
  t.match(await get('', { key: '' }), { status: 403, body: { message: 'The api key is required.' } })
  t.match(await get('', { key: 'x' }), {
    status: 403,
    body: { message: 'The incoming api key is invalid or expired.' },
  })
  t.match(await get('', { path: '/v1/listed/info' }), {
    status: 403,
    body: { message: 'The requested endpoint does not exist.' },
  })
})

t.test('above the pace it answers 429, without Retry-After', async (t) => {
  let now = Date.parse(NOW)
  const get = await setup(t, { plan: 'free', now: () => new Date(now) })
  const ask = async () => (await get('?date=2026-08-28&code=1301')).status
  for (let n = 0; n < 5; n++) t.equal(await ask(), 200)
  const refused = await get('?date=2026-08-28&code=1301')
  t.equal(refused.status, 429)
  t.notOk(refused.headers.has('retry-after'))
  now += 60_000
  t.equal(await ask(), 200, 'a minute later')
})

t.test('who does not stop is blocked for 5 minutes', async (t) => {
  let now = Date.parse(NOW)
  const get = await setup(t, { requestsPerMinute: 2, now: () => new Date(now) })
  const ask = async () => (await get('?code=1301')).status
  t.strictSame([await ask(), await ask(), await ask(), await ask(), await ask()], [200, 200, 429, 429, 429])
  now += 4 * 60_000
  t.equal(await ask(), 429)
  now += 60_000
  t.equal(await ask(), 200)
})

t.test('it compresses for whoever accepts it', async (t) => {
  const { url, apiKey } = await standInFor(t)
  for (const [accepted, encoding] of [
    ['gzip', 'gzip'],
    ['identity', null],
  ] as const) {
    const headers = { 'x-api-key': apiKey, 'accept-encoding': accepted }
    const response = await fetch(`${url}/v2/equities/master?date=2026-11-20`, { headers })
    t.equal(response.headers.get('content-encoding'), encoding)
    t.ok(JSON.parse(await response.text()).data.length > 4_000)
  }
})

t.test('the trading calendar knows open, closed, half and holiday trading days', async (t) => {
  const get = await setup(t)
  const calendar = async (query: string) => {
    const { body } = await get(query, { path: '/v2/markets/calendar' })
    return Object.fromEntries((body.data ?? []).map((day) => [day.Date, day.HolDiv]))
  }
  t.strictSame(await calendar('?from=2026-11-20&to=20261124'), {
    '2026-11-20': '1',
    '2026-11-21': '0',
    '2026-11-22': '0',
    '2026-11-23': '3',
    '2026-11-24': '1',
  })
  t.strictSame(await calendar('?from=2026-11-20&to=20261124&hol_div=1'), { '2026-11-20': '1', '2026-11-24': '1' })
  t.strictSame(await calendar('?from=2008-12-30&to=2009-01-05&hol_div=2'), { '2008-12-30': '2', '2009-01-05': '2' })
  t.strictSame(await calendar('?from=2020-12-31&to=2021-01-03&hol_div=0'), {
    '2020-12-31': '0',
    '2021-01-01': '0',
    '2021-01-02': '0',
    '2021-01-03': '0',
  })
  t.match(await get('?from=yesterday', { path: '/v2/markets/calendar' }), { status: 400 })
  const free = await setup(t, { plan: 'free' })
  t.match(await free('?from=2026-11-20', { path: '/v2/markets/calendar' }), { status: 400 })
})
