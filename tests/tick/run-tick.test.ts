import t from 'tap'
import { createEvents } from '../../src/events.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem } from '../support/system.ts'

const insert = (system: System, cron = '* * * * * *') =>
  system.pool.query(`insert into pgbeat.schedules (task_name, cron_expression) values ('echo', $1)`, [cron])

t.test('an insert is planned as soon as it is committed, and fires on time', async (t) => {
  const system = await testSystem(t)
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  const planned = nextEvent(system.events, 'tick:planned')
  const fired = nextEvent(system.events, 'tick:fired')
  const client = await system.pool.connect()
  await client.query('begin')
  await client.query(`insert into pgbeat.schedules (task_name, cron_expression) values ('echo', '* * * * * *')`)
  await client.query('commit')
  const committedAt = performance.now()
  client.release()
  await planned
  const sync = performance.now() - committedAt
  t.ok(sync < 500, `planned ${sync.toFixed(1)} ms after the commit`)
  const { lateMs } = await fired
  t.ok(lateMs >= 0 && lateMs < 1_000, `fired ${lateMs.toFixed(1)} ms late`)
})

t.test('nothing fires after the row is deleted', async (t) => {
  const system = await testSystem(t)
  const runs = async (name: string) => {
    const { count } = await system.row<{ count: number }>(
      'select count(*)::int from pgbeat.runs where schedule_name = $1',
      [name],
    )
    return count
  }
  system.startTick()
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('gone', 'echo', '* * * * * *')`,
  )
  await nextEvent(system.events, 'tick:fired')
  await system.pool.query('delete from pgbeat.schedules')
  const before = await runs('gone')
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('other', 'echo', '*/2 * * * * *')`,
  )
  while ((await runs('other')) === 0) await nextEvent(system.events, 'tick:fired')
  t.equal(await runs('gone'), before)
})

t.test('of several ticks one leads; when it stops another one takes over at once', async (t) => {
  const system = await testSystem(t)
  const start = () => {
    const events = createEvents()
    const elected = nextEvent(events, 'leader:elected')
    const tick = runTick({ connectionString: system.connectionString, events })
    t.teardown(() => tick.stop())
    return { events, elected, tick }
  }
  const standingBy = async () => {
    const { ticks } = await system.row<{ ticks: number }>('select count(*)::int as ticks from pgbeat.nodes')
    return ticks === 2
  }
  let leader = start()
  t.equal((await leader.elected).term, 1)
  let tookMs = 0
  const handovers = 5
  for (let term = 2; term < 2 + handovers; term += 1) {
    const standby = start()
    while (!(await standingBy())) {}
    const stoppedAt = performance.now()
    const [, elected] = await Promise.all([leader.tick.stop(), standby.elected])
    tookMs += performance.now() - stoppedAt
    t.equal(elected.term, term)
    leader = standby
  }
  // Asking for the lock twice a second alone would take 250 ms on average.
  t.ok(tookMs / handovers < 150, `${(tookMs / handovers).toFixed(0)} ms on average`)
  await insert(system)
  await nextEvent(leader.events, 'tick:fired')
  t.match(await system.row('select term, node_id from pgbeat.leader'), { term: '6', node_id: /-/ })
})

t.test('a leader whose session is killed leads no more, and somebody leads again', async (t) => {
  const system = await testSystem(t)
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  const left = nextEvent(system.events, 'leader:left')
  const again = nextEvent(system.events, 'leader:elected', ({ term }) => term === 2)
  await system.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgbeat tick%'
    and datname = current_database()`)
  await left
  await again
  await insert(system)
  await nextEvent(system.events, 'tick:fired')
  const { rows } = await system.pool.query('select 1 from pgbeat.runs')
  t.ok(rows.length > 0)
})

t.test('a tick that stops takes its row away, and the partitions for the coming days are there', async (t) => {
  const system = await testSystem(t)
  const elected = nextEvent(system.events, 'leader:elected')
  const tick = system.startTick()
  await elected
  await insert(system)
  await nextEvent(system.events, 'tick:fired')
  await tick.stop()
  t.same(
    await system.row('select (select count(*) from pgbeat.nodes)::int as nodes, (select node_id from pgbeat.leader)'),
    {
      nodes: 0,
      node_id: null,
    },
  )
  const { rows } = await system.pool.query(
    `select count(*)::int as ahead, (select count(*)::int from pgbeat.runs_default) as astray
     from generate_series(now() at time zone 'UTC', now() at time zone 'UTC' + interval '3 days', interval '1 day') day
     where to_regclass('pgbeat.runs_' || to_char(day, 'YYYYMMDD')) is not null`,
  )
  t.same(rows, [{ ahead: 4, astray: 0 }])
})

t.test(
  'a schedule that an open transaction has locked is waited for, without haste, and fires afterwards',
  async (t) => {
    const system = await testSystem(t)
    const elected = nextEvent(system.events, 'leader:elected')
    system.startTick()
    await elected
    const planned = nextEvent(system.events, 'tick:planned')
    await system.pool.query(`insert into pgbeat.schedules (task_name, run_at) values ('echo', now() + interval '2 s')`)
    await planned
    const editor = await system.pool.connect()
    await editor.query('begin')
    await editor.query('select from pgbeat.schedules for update')
    const transactions = async () => {
      const { count } = await system.row<{ count: string }>(
        'select xact_commit as count from pg_stat_get_db_xact_commit((select oid from pg_database where datname = current_database())) xact_commit',
      )
      return Number(count)
    }
    await editor.query('select pg_sleep(extract(epoch from run_at - clock_timestamp()) + 0.1) from pgbeat.schedules')
    const before = await transactions()
    await editor.query('select pg_sleep(1.2)')
    const perSecond = ((await transactions()) - before) / 1.2
    t.ok(perSecond < 500, `${perSecond.toFixed(0)} transactions a second while it is locked`)
    const fired = nextEvent(system.events, 'tick:fired')
    await editor.query('commit')
    editor.release()
    t.match(await fired, { jobs: 1 })
  },
)

t.test('many schedules at once are planned without a pause between batches', async (t) => {
  const system = await testSystem(t)
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  const first = nextEvent(system.events, 'tick:planned', ({ planned }) => planned === 1_000)
  const second = nextEvent(system.events, 'tick:planned', ({ planned }) => planned === 200)
  await system.pool.query(
    `insert into pgbeat.schedules (task_name, run_at) select 'echo', '2100-01-01' from generate_series(1, 1200)`,
  )
  await first
  const plannedAt = performance.now()
  await second
  const pause = performance.now() - plannedAt
  t.ok(pause < 500, `${pause.toFixed(0)} ms`)
})
