import t from 'tap'
import { z } from 'zod'
import { listedInfoPayload } from '../../../src/tasks/listed-info/payload.ts'

function problems(payload: unknown): string[] {
  const { error } = listedInfoPayload.safeParse(payload)
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`)
}

t.test('what the documents send is accepted', async (t) => {
  t.strictSame(problems({}), [])
  t.strictSame(problems({ period_type: 'yesterday', from_date: null, to_date: null, codes: null, market: null }), [])
  t.strictSame(
    problems({ period_type: 'custom', from_date: '2024-01-04', to_date: '20240105', codes: ['1301', '130A0'] }),
    [],
  )
  t.strictSame(problems({ market: '0111', codes: [], note: 'an unknown key' }), [])
})

t.test('yesterday is the default', async (t) => {
  t.equal(listedInfoPayload.parse({}).period_type, 'yesterday')
})

t.test('custom needs both dates, in order and not too far apart', async (t) => {
  t.strictSame(problems({ period_type: 'custom' }), [
    'from_date is needed for period_type custom',
    'to_date is needed for period_type custom',
  ])
  t.strictSame(problems({ period_type: 'custom', from_date: '2024-01-05', to_date: '2024-01-04' }), [
    'from_date must not be after to_date',
  ])
  t.strictSame(problems({ period_type: 'custom', from_date: '2024-01-01', to_date: '2024-12-31' }), [], 'a leap year')
  t.strictSame(problems({ period_type: 'custom', from_date: '2024-01-01', to_date: '2025-01-01' }), [
    'to_date is more than 366 days away',
  ])
})

t.test('dates must exist', async (t) => {
  for (const date of ['2026-02-29', '20260230', '2026-13-01', '2026-00-10', '2026-11-31']) {
    const [problem] = problems({ period_type: 'custom', from_date: date, to_date: '2026-12-01' })
    t.equal(problem, 'from_date must be a day that exists', date)
  }
  for (const date of ['2026/11/20', '2026-1120', 'yesterday', '2026-11-20T00:00:00Z', '']) {
    const [problem] = problems({ period_type: 'custom', from_date: date, to_date: '2026-12-01' })
    t.equal(problem, 'from_date must be a date like 2026-11-20 or 20261120', date)
  }
})

t.test('values are checked strictly', async (t) => {
  t.match(problems({ period_type: 'tomorrow' }), [/^period_type /])
  t.match(problems({ market: 'prime' }), [/^market /])
  t.match(problems({ market: '0103' }), [/^market /], 'there is no 0103')
  t.match(problems({ codes: '1301' }), [/^codes /])
  t.strictSame(problems({ codes: ['13'] }), ['codes.0 must be a code of 4 or 5 characters like 1301 or 13010'])
  t.match(problems({ codes: [1301] }), [/^codes.0 /], 'codes are text, for the zeros in front')
})

t.test('it can be published as a JSON Schema', async (t) => {
  const schema = z.toJSONSchema(listedInfoPayload, { io: 'input' })
  t.strictSame(Object.keys(schema.properties ?? {}), ['period_type', 'from_date', 'to_date', 'codes', 'market'])
  t.notOk('required' in schema, 'everything has a default')
  t.notOk('additionalProperties' in schema, 'unknown keys pass')
  t.match(schema.properties?.period_type, { default: 'yesterday', enum: ['yesterday', '7days', '30days', 'custom'] })
})
