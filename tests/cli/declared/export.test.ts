import fc from 'fast-check'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { ask } from '../../../src/cli/declared/ask.ts'
import { declarationsOf } from '../../../src/cli/declared/declarations.ts'
import { readDeclared } from '../../../src/cli/declared/read-declared.ts'
import { toYaml } from '../../../src/cli/declared/to-yaml.ts'
import { ownReport } from '../../../src/cli/own-report.ts'
import type { Schedule } from '../../../src/cli/schedules/present.ts'
import type { Calls } from '../../../src/client/client.ts'
import { openInProcess } from '../../../src/http/open-in-process.ts'
import { testSystem } from '../../support/system.ts'

t.setTimeout(120_000)

async function testCalls(t: Test, timezone = 'UTC'): Promise<Calls> {
  const { connectionString } = await testSystem(t)
  const log = pino({ level: 'silent' })
  const diagnose = () => ownReport(connectionString, {})
  const api = openInProcess({ connectionString, actor: 'cli:ann', timezone, log, diagnose })
  t.teardown(() => api.close())
  return api
}

async function listed(api: Calls): Promise<Schedule[]> {
  const found: Schedule[] = []
  for await (const schedule of api.each('GET /schedules')) found.push(schedule)
  return found
}

/** What a file of them is read as. */
function reread(schedules: readonly Schedule[]) {
  const { entries, complaints } = readDeclared([{ name: 'exported', text: toYaml(declarationsOf(schedules)) }])
  t.same(complaints, [])
  return entries
}

const text = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength }),
    fc.constantFrom(
      'null',
      '~',
      'yes',
      '1e3',
      '0o7',
      '# no comment',
      ' - x: y',
      'a\n\n  b\n',
      '\u2028\u0085',
      'it\'s "quoted"',
      '@at',
      '&a *b !c',
    ),
  )
const plainText = (maxLength: number) =>
  text(maxLength).filter((value) => value.isWellFormed() && !value.includes('\0'))
const name = plainText(40).filter((value) => /^(?!\s)[^\p{Cc}]{1,200}(?<!\s)$/u.test(value))
const duration = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }).map((ms) => ms / 1_000),
  fc.integer({ min: 1, max: 400 }).map((hours) => `PT${hours}H1M0.5S`),
  fc.integer({ min: 1, max: 400 }).map((days) => `P${days}D`),
)
const instant = fc
  .integer({ min: Date.UTC(2027, 0, 1), max: Date.UTC(2090, 0, 1) })
  .map((at) => new Date(at).toISOString())
const timetable = fc.oneof(
  fc.record({
    cron_expression: fc.constantFrom(
      '0 * * * *',
      '30 2 * * 1-5',
      '*/5 9-17 L * +FRI',
      '@daily',
      '0 0 0 1 1 * 2030-2040',
    ),
  }),
  fc.record({ every: fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.constant('P1DT1.5S')) }),
  fc.record({ run_at: instant }),
)
const others = fc.record(
  {
    payload: fc.jsonValue({ maxDepth: 3 }),
    timezone: fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York', 'Etc/GMT+3'),
    enabled: fc.boolean(),
    max_runs: fc.integer({ min: 1, max: 2_147_483_647 }),
    jitter: duration,
    overlap_policy: fc.constantFrom('skip', 'queue', 'allow', 'replace'),
    catch_up: fc.constantFrom('none', 'latest', 'all'),
    catch_up_window: duration,
    priority: fc.integer({ min: -32_768, max: 32_767 }),
    queue_name: plainText(20).filter((value) => value.length > 0),
    max_attempts: fc.integer({ min: 1, max: 32_767 }),
    retry_delay: fc.integer({ min: 1, max: 86_400 }),
    timeout: duration,
    description: plainText(100),
    category: plainText(50),
    tags: fc.uniqueArray(
      plainText(20).filter((value) => value.length > 0 && !value.startsWith('apply:')),
      { maxLength: 4 },
    ),
    pause_note: plainText(50),
  },
  { requiredKeys: [] },
)

t.test('what is exported is what there is: applied it changes nothing, and elsewhere it makes the same', async (t) => {
  const [here, there] = [await testCalls(t), await testCalls(t, 'Asia/Tokyo')]
  const schedules = fc.uniqueArray(fc.tuple(name, timetable, others), { maxLength: 12, selector: ([name]) => name })
  let taken = 0
  const property = fc.asyncProperty(schedules, async (all) => {
    for (const api of [here, there]) await api.call('POST /bulk/delete', { body: { filter: {} } })
    for (const [name, when, rest] of all) {
      const body = { name, task_name: 'echo', ...when, ...rest } as never
      // What the API refuses of what was made up is nothing that could be exported.
      await here.call('POST /schedules', { body }).then(
        () => {
          taken += 1
        },
        (error: { status: number }) => {
          if (error.status !== 422) throw error
        },
      )
    }
    const found = await listed(here)
    const entries = reread(found)
    const applied = await ask(here, entries, {})
    if (applied.data.unchanged !== found.length) throw new Error(JSON.stringify(applied.data))
    await ask(there, entries, {})
    const copies = await listed(there)
    t.same(toYaml(declarationsOf(copies)), toYaml(declarationsOf(found)))
    t.equal(copies.length, found.length)
  })
  await fc.assert(property, { numRuns: 30 })
  t.ok(taken > 50, `${taken} schedules`)
})

t.test('only what is unusual is written, by name', async (t) => {
  const api = await testCalls(t)
  await api.call('POST /schedules', { body: { name: 'b', task_name: 'echo', every: 60, tags: ['x'], enabled: false } })
  await api.call('POST /schedules', {
    body: { name: 'B', task_name: 'echo', cron_expression: '@daily', timezone: 'Asia/Tokyo' },
  })
  const exported = toYaml(declarationsOf(await listed(api)))
  t.same(parse(exported), {
    defaults: { timezone: 'UTC' },
    schedules: [
      { name: 'B', task_name: 'echo', cron_expression: '@daily', timezone: 'Asia/Tokyo' },
      { name: 'b', task_name: 'echo', every: 'PT1M', enabled: false, tags: ['x'] },
    ],
  })
})
