import { Cron } from 'croner'
import fc from 'fast-check'
import t from 'tap'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase(t)

async function problems(expressions: string[]): Promise<(string | null)[]> {
  const { rows } = await pool.query<{ problem: string | null }>(
    'select pgbeat.cron_problem(e) as problem from unnest($1::text[]) with ordinality as u(e, n) order by n',
    [expressions],
  )
  return rows.map(({ problem }) => problem)
}

function isAcceptedByCroner(expression: string): boolean {
  try {
    return new Cron(expression, { sloppyRanges: true, timezone: 'UTC' }).nextRun(new Date()) !== null
  } catch {
    return false
  }
}

/** What people write, right and wrong, and what only croner's grammar has. */
const item = fc.oneof(
  { weight: 4, arbitrary: fc.nat(70).map(String) },
  { weight: 3, arbitrary: fc.constantFrom('*', '?', '*/5', '/7', '5/15', '0-59/60', '01', '007', '*/31', '1-1') },
  fc.tuple(fc.nat(40), fc.nat(40)).map(([first, last]) => `${first}-${last}`),
  fc.tuple(fc.nat(40), fc.nat(40), fc.nat(65)).map(([first, last, step]) => `${first}-${last}/${step}`),
  fc.constantFrom('L', 'LW', '15W', '31W', '5L', '5#2', 'FRI#1', 'FRIL', '1#L', '+MON', 'L,15'),
  fc.constantFrom('JAN', 'feb', 'Mar-DEC', 'SUN', 'mon-fri', 'FRI-SUN', 'SAT,SUN', 'MON-FRI/2', 'JAN,12'),
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
)
const field = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','))
const blank = fc.constantFrom(' ', '  ', '\t', '\u3000', '\u00a0')
const expression = fc
  .tuple(fc.array(field, { minLength: 5, maxLength: 7 }), blank, fc.constantFrom('', ' '))
  .map(([fields, between, around]) => around + fields.join(between) + around)

/** Mostly right ones: a random field among wildcards. */
const nearlyRight = fc
  .tuple(fc.integer({ min: 5, max: 7 }), fc.nat(6), field)
  .map(([count, position, odd]) =>
    Array.from({ length: count }, (_, at) => (at === position % count ? odd : '*')).join(' '),
  )

const nicknames = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly', ' @Daily ']

t.test('never refuses what croner accepts', async (t) => {
  const sample = fc.sample(fc.oneof(nearlyRight, expression), { numRuns: 20_000, seed: 20261121 })
  const accepted = [...nicknames, ...sample.filter((text) => !text.includes('\0') && isAcceptedByCroner(text))]
  t.ok(accepted.length > 2_000, `${accepted.length} of them are accepted by croner`)
  const found = await problems(accepted)
  t.same(
    accepted.map((text, index) => [text, found[index]]).filter(([, problem]) => problem !== null),
    [],
  )
})

t.test("refuses what can't be right, and says what is wrong", async (t) => {
  const wrong = {
    hello: "'hello' has 1 fields instead of 5, 6 or 7",
    '* * * *': "'* * * *' has 4 fields instead of 5, 6 or 7",
    '@reboot': "'@reboot' has 1 fields instead of 5, 6 or 7",
    '60 * * * *': '60 is outside 0 to 59 for a minute',
    '* 24 * * *': '24 is outside 0 to 23 for a hour',
    '* * 0 * *': '0 is outside 1 to 31 for a day of the month',
    '* * * 13 *': '13 is outside 1 to 12 for a month',
    '* * * * 8': '8 is outside 0 to 7 for a day of the week',
    '22-4 * * * *': 'the range 22-4 of a minute runs backwards',
    '*/0 * * * *': 'the step of */0 is not from 1 to 60 for a minute',
    '* * * FOO *': "'FOO' is not a month",
    '1,,2 * * * *': "'' is not a minute",
    '0 0 31 2 *': "'0 0 31 2 *' never fires: none of its months has such a day",
    '0 0 30-31 FEB ?': "'0 0 30-31 FEB ?' never fires: none of its months has such a day",
    '0 0 0 1 1 * 2020': "'0 0 0 1 1 * 2020' never fires again: its last year is over",
  }
  t.same(await problems(Object.keys(wrong)), Object.values(wrong))
})

t.test('of random expressions that croner refuses, most are refused here too', async (t) => {
  const sample = fc.sample(nearlyRight, { numRuns: 5_000, seed: 7 }).filter((text) => !text.includes('\0'))
  const refused = sample.filter((text) => !isAcceptedByCroner(text))
  const found = (await problems(refused)).filter((problem) => problem !== null)
  t.ok(found.length > refused.length * 0.8, `${found.length} of ${refused.length}`)
})
