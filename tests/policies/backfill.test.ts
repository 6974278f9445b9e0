import t from 'tap'
import { simulation } from '../support/simulation.ts'

/** An hourly schedule: it ran at 12 and 13, was missed from 14 to 17, ran at 18, failed at 19; half past 19 now. */
async function withHistory(t: Parameters<typeof simulation>[0], policy = 'skip') {
  const simulated = await simulation(t, '2026-03-01T12:00:00Z')
  const { sql, clock, scheduler } = simulated
  await sql(
    `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy) values ('x', 'echo', '0 * * * *', $1)`,
    [policy],
  )
  await scheduler.runUntil('2026-03-01T13:00:00Z')
  await clock.set('2026-03-01T18:00:30Z')
  await scheduler.runUntil('2026-03-01T19:30:00Z')
  await sql(`update pgbeat.runs set status = 'failed' where scheduled_for = '2026-03-01T19:00Z'`)
  return simulated
}

const asked = `'x', '2026-03-01T11:00Z', '2026-03-01T19:00Z'`

const history = [
  '01 12:00 succeeded',
  '01 13:00 succeeded',
  '01 14:00 to 01 17:00 missed catch_up_latest 4',
  '01 18:00 succeeded',
  '01 19:00 failed',
]

const progress = `
  select status, which, instants::int, chosen::int, remaining::int, queued::int, running::int, succeeded::int, failed::int
  from pgbeat.backfill_status order by id`

t.test('a dry run lists the instants and what there is already, and touches nothing', async (t) => {
  const { sql, scheduler, ledger } = await withHistory(t)
  t.same(await ledger(), history)
  await sql(`select pgbeat.backfill(${asked}, dry_run := true)`)
  await scheduler.runDue()
  t.same(await ledger(), history)
  t.match(await sql(progress), [{ status: 'listed', instants: 9, chosen: 5, remaining: 5 }])
  t.same(
    await sql(`select extract(hour from scheduled_for at time zone 'UTC')::int as hour, found, chosen
      from pgbeat.backfill_instants order by scheduled_for`),
    [
      { hour: 11, found: null, chosen: true },
      { hour: 12, found: 'succeeded', chosen: false },
      { hour: 13, found: 'succeeded', chosen: false },
      { hour: 14, found: 'missed', chosen: true },
      { hour: 15, found: 'missed', chosen: true },
      { hour: 16, found: 'missed', chosen: true },
      { hour: 17, found: 'missed', chosen: true },
      { hour: 18, found: 'succeeded', chosen: false },
      { hour: 19, found: 'failed', chosen: false },
    ],
  )
  t.same(await sql('select pgbeat.start_backfill(1) as started'), [{ started: true }])
  await scheduler.runDue()
  t.match(await sql(progress), [{ status: 'completed', chosen: 5, remaining: 0, succeeded: 5 }])
})

t.test('missing: what never ran is run, and each instant keeps its one row', async (t) => {
  const { sql, scheduler, ledger } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked})`)
  await scheduler.runDue()
  t.same(await ledger(), [
    '01 11:00 backfill succeeded',
    '01 12:00 succeeded',
    '01 13:00 succeeded',
    '01 14:00 backfill succeeded',
    '01 15:00 backfill succeeded',
    '01 16:00 backfill succeeded',
    '01 17:00 backfill succeeded',
    '01 18:00 succeeded',
    '01 19:00 failed',
  ])
})

t.test('failed: what failed is run again, and goes on counting its attempts', async (t) => {
  const { sql, scheduler, ledger } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked}, 'failed')`)
  await scheduler.runDue()
  t.same(await ledger(), [...history.slice(0, 4), '01 19:00 backfill succeeded'])
  t.same(await sql(`select attempt, max_attempts from pgbeat.runs where origin = 'backfill'`), [
    { attempt: 2, max_attempts: 4 },
  ])
})

t.test('a schedule with as many attempts as there can be does not run out of numbers', async (t) => {
  const { sql, scheduler, ledger } = await withHistory(t)
  await sql('update pgbeat.schedules set max_attempts = 32767')
  await sql(`select pgbeat.backfill(${asked}, 'failed')`)
  await scheduler.runDue()
  t.same(await ledger(), [...history.slice(0, 4), '01 19:00 backfill succeeded'])
})

t.test('all: every instant, with another payload if it is given', async (t) => {
  const { sql, scheduler } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked}, 'all', payload := '{"again": true}')`)
  await scheduler.runDue()
  t.same(await sql('select count(*)::int, origin, status, payload from pgbeat.runs group by origin, status, payload'), [
    { count: 9, origin: 'backfill', status: 'succeeded', payload: { again: true } },
  ])
})

t.test('at most so many at once', async (t) => {
  const { sql, scheduler } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked}, 'missing', max_active := 2)`)
  await scheduler.fireDue()
  t.match(await sql(progress), [{ status: 'running', remaining: 3, queued: 2 }])
  await scheduler.executeDue()
  await scheduler.fireDue()
  t.match(await sql(progress), [{ status: 'running', remaining: 1, queued: 2, succeeded: 2 }])
})

t.test('live runs go first: a backfill begins nothing beside one, and they take no notice of it', async (t) => {
  for (const policy of ['skip', 'queue', 'replace']) {
    const { sql, clock, scheduler, ledger } = await withHistory(t, policy)
    await clock.set('2026-03-01T20:00:00Z')
    await scheduler.fireDue()
    await sql(`select pgbeat.backfill('x', '2026-03-01T14:00Z', '2026-03-01T15:00Z')`)
    await scheduler.fireDue()
    t.match(await sql(progress), [{ status: 'running', remaining: 2, queued: 0 }], policy)
    await scheduler.executeDue()
    await scheduler.fireDue()
    t.match(await sql(progress), [{ remaining: 1, queued: 1 }])
    await clock.set('2026-03-01T21:00:00Z')
    await scheduler.fireDue()
    t.same((await ledger()).slice(2), [
      '01 14:00 backfill queued',
      '01 15:00 missed catch_up_latest 1',
      '01 16:00 to 01 17:00 missed catch_up_latest 2',
      '01 18:00 succeeded',
      '01 19:00 failed',
      '01 20:00 succeeded',
      '01 21:00 queued',
    ])
    await scheduler.runDue()
    t.match(await sql(progress), [{ status: 'completed', succeeded: 2 }])
  }
})

t.test('a live run that waits does so for live runs only, and replaces those only', async (t) => {
  for (const [policy, waited] of [
    ['queue', 'succeeded'],
    ['replace', 'cancelled'],
  ] as const) {
    const { sql, clock, scheduler } = await withHistory(t, policy)
    await sql(`select pgbeat.backfill('x', '2026-03-01T14:00Z', '2026-03-01T15:00Z')`)
    await scheduler.fireDue()
    for (const at of ['2026-03-01T20:00:00Z', '2026-03-01T21:00:00Z']) {
      await clock.set(at)
      await scheduler.fireDue()
    }
    await sql(
      `update pgbeat.runs set status = 'succeeded' where scheduled_for = '2026-03-01T20:00Z' and status = 'queued'`,
    )
    await scheduler.fireDue()
    t.same(
      await sql(`
        select extract(hour from scheduled_for at time zone 'UTC')::int as hour, status from pgbeat.runs
        where extract(hour from scheduled_for at time zone 'UTC') in (14, 20, 21) order by 1`),
      [
        { hour: 14, status: 'queued' },
        { hour: 20, status: waited },
        { hour: 21, status: 'queued' },
      ],
      policy,
    )
  }
})

t.test('what a later backfill runs again is taken over, and the figures say so', async (t) => {
  const { sql, scheduler } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked})`)
  await scheduler.runDue()
  await sql(`select pgbeat.backfill(${asked}, 'all')`)
  await scheduler.runDue()
  t.same(await sql('select chosen::int, succeeded::int, taken_over::int from pgbeat.backfill_status order by id'), [
    { chosen: 5, succeeded: 0, taken_over: 5 },
    { chosen: 9, succeeded: 9, taken_over: 0 },
  ])
})

t.test('cancelled: nothing more of it is begun, and what was not begun is as it was', async (t) => {
  const { sql, scheduler, ledger } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked}, 'all')`)
  await scheduler.fireDue()
  await scheduler.executeDue()
  await scheduler.fireDue()
  t.same(await sql('select pgbeat.cancel_backfill(1) as cancelled'), [{ cancelled: true }])
  await scheduler.runDue()
  t.same(await ledger(), [
    '01 11:00 backfill succeeded',
    '01 12:00 backfill cancelled cancelled',
    '01 13:00 succeeded',
    '01 14:00 missed catch_up_latest 1',
    '01 15:00 missed catch_up_latest 1',
    '01 16:00 missed catch_up_latest 1',
    '01 17:00 missed catch_up_latest 1',
    '01 18:00 succeeded',
    '01 19:00 failed',
  ])
  t.same(await sql('select pgbeat.cancel_backfill(1) as cancelled'), [{ cancelled: false }])
})

t.test('instants of a pause that are backfilled meanwhile are not missed when it is over', async (t) => {
  const { sql, clock, scheduler, ledger } = await withHistory(t)
  await sql(`select pgbeat.pause('x')`)
  await clock.set('2026-03-01T23:30:00Z')
  await sql(`select pgbeat.backfill('x', '2026-03-01T21:00Z', '2026-03-01T22:00Z')`)
  await scheduler.runDue()
  await sql(`select pgbeat.resume('x')`)
  await scheduler.runDue()
  t.same((await ledger()).slice(5), [
    '01 20:00 missed paused 1',
    '01 21:00 backfill succeeded',
    '01 22:00 backfill succeeded',
    '01 23:00 missed paused 1',
  ])
})

t.test('a pause that is over while its instants are being backfilled is accounted for afterwards', async (t) => {
  const { sql, clock, scheduler, ledger } = await withHistory(t)
  await sql(`select pgbeat.pause('x')`)
  await clock.set('2026-03-01T23:30:00Z')
  await sql(`select pgbeat.backfill('x', '2026-03-01T21:00Z', '2026-03-01T22:00Z')`)
  await scheduler.fireDue()
  await sql(`select pgbeat.resume('x')`)
  await scheduler.runDue()
  t.same((await ledger()).slice(5), [
    '01 20:00 missed paused 1',
    '01 21:00 backfill succeeded',
    '01 22:00 backfill succeeded',
    '01 23:00 missed paused 1',
  ])
})

t.test('a missed range of a schedule that is finished keeps what is outside the backfill', async (t) => {
  const { sql, scheduler, ledger } = await withHistory(t)
  await sql('update pgbeat.schedules set max_runs = run_count')
  await sql(`select pgbeat.backfill('x', '2026-03-01T15:00Z', '2026-03-01T15:59:59.9995Z')`)
  await scheduler.runDue()
  t.same((await ledger()).slice(2), [
    '01 14:00 missed catch_up_latest 1',
    '01 15:00 backfill succeeded',
    '01 16:00 to 01 17:00 missed catch_up_latest 2',
    '01 18:00 succeeded',
    '01 19:00 failed',
  ])
})

t.test('a deleted schedule and a range without end are told, not hung upon', async (t) => {
  const { sql, clock, scheduler } = await withHistory(t)
  await sql(`select pgbeat.backfill(${asked})`)
  await sql('delete from pgbeat.schedules')
  await sql(
    `insert into pgbeat.schedules (name, task_name, every, starts_at) values ('y', 'echo', '1 s', '2020-01-01')`,
  )
  await scheduler.fireDue()
  await clock.advance(1_000)
  await sql(`select pgbeat.backfill('y', '2020-01-01', '2026-01-01')`)
  await scheduler.fireDue()
  t.match(await sql('select status, error from pgbeat.backfills order by id'), [
    { status: 'failed', error: 'the schedule was deleted' },
    { status: 'failed', error: 'the range names more than 100000 instants: split it' },
  ])
})

t.test('what makes no sense is refused', async (t) => {
  const { sql } = await withHistory(t)
  for (const [args, message] of [
    [`'nobody', now(), now()`, /no schedule is called/],
    [`'x', '2026-03-01', '2026-03-09'`, /ends in the past/],
    [`'x', '2026-03-01', '2026-02-01'`, /must not be before starts_at/],
    [`'x', null, '2026-02-01'`, /needs a first instant/],
    [`'x', '2026-02-01', '2026-02-02', 'some'`, /which can't be 'some'/],
    [`'x', '2026-02-01', '2026-02-02', 'all', 0`, /from 1 to 1000/],
  ] as const) {
    await t.rejects(sql(`select pgbeat.backfill(${args})`), { message })
  }
})
