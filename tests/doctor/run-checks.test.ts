import t from 'tap'
import type { Check } from '../../src/doctor/check.ts'
import { leader } from '../../src/doctor/checks/leader.ts'
import { openPatient } from '../../src/doctor/patient.ts'
import { exitCodes, reportOf } from '../../src/doctor/report.ts'
import { longestCheckMs, runChecks } from '../../src/doctor/run-checks.ts'
import { type Finding, fail, pass, skip, warn } from '../../src/finding.ts'
import { testDatabase } from '../support/database.ts'

const check = (name: string, needs: Check['needs'], found: Finding | (() => Promise<Finding>)): Check => ({
  name,
  needs,
  look: async () => (typeof found === 'function' ? found() : found),
})

const patient = openPatient({ PGBEAT_PORT: 'x' })
const statuses = async (checks: Check[], only?: string[]) =>
  (await runChecks(checks, patient, only)).map(({ name, status }) => `${name} ${status}`)

t.test('what can not be looked at for want of something is skipped, and says so', async (t) => {
  const later = check('later', 'schema', pass('fine'))
  const down = [check('postgres', 'nothing', fail('down', 'up')), check('migrations', 'postgres', pass('fine')), later]
  t.same(await statuses(down), ['postgres fail', 'migrations skip', 'later skip'])
  const found = await runChecks(down, patient)
  t.match(found[1], { message: 'not looked at, because postgres failed' })
  t.match(found[2], { message: 'not looked at, because migrations was skipped' })
  const old = [check('postgres', 'nothing', pass('up')), check('migrations', 'postgres', warn('newer', 'x')), later]
  t.same(await statuses(old), ['postgres pass', 'migrations warn', 'later pass'], 'a warning is no obstacle')
  const redis = [check('redis', 'nothing', skip('not wanted')), check('channel', 'redis', pass('fine'))]
  t.same(await statuses(redis), ['redis skip', 'channel skip'])
})

t.test('what needs a variable that is wrong is skipped', async (t) => {
  const wants: Check = { ...check('api', 'nothing', pass('fine')), uses: ['PGBEAT_PORT'] }
  t.match(await runChecks([wants], patient), [
    { status: 'skip', message: "PGBEAT_PORT can't be used, see configuration" },
  ])
  t.match(await runChecks([{ ...wants, uses: ['PGBEAT_HOST'] }], patient), [{ status: 'pass' }])
})

t.test('what one needs is looked at once, and reported only if it was asked for', async (t) => {
  let looks = 0
  const postgres = check('postgres', 'nothing', async () => {
    looks += 1
    return pass('up')
  })
  const all = [check('first', 'postgres', pass('a')), postgres, check('second', 'postgres', pass('b'))]
  t.same(await statuses(all), ['first pass', 'postgres pass', 'second pass'], 'in their order')
  t.equal(looks, 1)
  t.same(await statuses(all, ['second']), ['second pass'])
  t.equal(looks, 2)
})

t.test('they are looked at side by side, and none for ever', async (t) => {
  const { promise: met, resolve: meet } = Promise.withResolvers<Finding>()
  const together = [
    check('waits', 'nothing', () => met),
    check('comes', 'nothing', async () => {
      meet(pass('met'))
      return pass('fine')
    }),
    check('hangs', 'nothing', () => new Promise(() => {})),
  ]
  const since = performance.now()
  t.same(await statuses(together), ['waits pass', 'comes pass', 'hangs fail'])
  t.ok(performance.now() - since < longestCheckMs + 2_000)
})

t.test('a check that breaks has failed, and says why', async (t) => {
  const broken = check('broken', 'nothing', async () => {
    throw new AggregateError([new Error('one'), new Error('two\n  lines')])
  })
  t.match(await runChecks([broken], patient), [{ status: 'fail', message: 'could not be looked at: one; two lines' }])
})

t.test('a table that somebody has locked keeps nobody waiting for long', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const holder = await pool.connect()
  await holder.query('begin; lock table pgbeat.leader in access exclusive mode')
  const waiting = openPatient({ DATABASE_URL: connectionString })
  const since = performance.now()
  const found = await runChecks([leader], waiting)
  t.match(found, [{ name: 'leader', status: 'fail', message: 'no answer within 5 s', action: /a lock/ }])
  t.ok(performance.now() - since < longestCheckMs + 2_000)
  const blocked = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  t.equal((await pool.query(blocked)).rowCount, 0, 'no backend is left waiting')
  holder.release(true)
  await waiting.end()
})

t.test('the report is as bad as its worst finding', async (t) => {
  const worst = (...found: Finding[]) =>
    reportOf(
      found.map((finding) => ({ name: 'a', ...finding })),
      new Date(0),
    )
  const codes = [
    worst(pass('a'), skip('b')),
    worst(pass('a'), warn('b', 'c')),
    worst(fail('a', 'b'), warn('c', 'd'), pass('e')),
  ].map(({ status }) => [status, exitCodes[status]])
  t.same(codes, [
    ['pass', 0],
    ['warn', 1],
    ['fail', 2],
  ])
  t.same(worst(pass('fine'), warn('hm', 'do')), {
    status: 'warn',
    checked_at: '1970-01-01T00:00:00.000Z',
    checks: [
      { name: 'a', status: 'pass', message: 'fine', action: null },
      { name: 'a', status: 'warn', message: 'hm', action: 'do' },
    ],
  })
})
