import t from 'tap'
import { nextEvent } from '../support/events.ts'
import { testApi } from './api.ts'

const minuteMs = 60_000

t.test('figures over time: as many minutes are one as there is room for', async (t) => {
  const { pool, request } = await testApi(t)
  const lastMinute = Math.floor(Date.now() / minuteMs) * minuteMs - minuteMs
  await pool.query(
    `insert into pgbeat.minutes select to_timestamp($1) - m * interval '1 minute', m, 0, 0, 0, 0, 0, null, null, null, 0, 0
     from generate_series(0, 200) m`,
    [lastMinute / 1_000],
  )
  const ask = async (from?: number, until?: number) => {
    const at = (name: string, instant?: number) => (instant ? `${name}=${new Date(instant).toISOString()}&` : '')
    return request('GET', `/figures?${at('from', from)}${at('until', until)}`)
  }
  const { body } = await ask()
  t.ok(body.data.length >= 59 && body.data.length <= 61, `an hour when nothing is said: ${body.data.length}`)
  t.equal(body.meta.step_seconds, 60)
  t.same(body.data.at(-1), {
    minute: new Date(lastMinute).toISOString(),
    ...{ minutes: 1, fired: 0, succeeded: 0, failed: 0, cancelled: 0, skipped: 0, missed: 0 },
    ...{ lateness_p50_seconds: null, lateness_p99_seconds: null, lateness_max_seconds: null, lateness_runs: 0 },
  })
  const exactly = (await ask(lastMinute - 2 * minuteMs + 1, lastMinute)).body
  t.same(
    exactly.data.map(({ fired }: { fired: number }) => fired),
    [2, 1],
    'the minute of the first instant is in it, that of the last is not',
  )
  const until = lastMinute + minuteMs
  const day = 24 * 60 * minuteMs
  for (const [days, step] of [
    [1, 60],
    [2, 300],
    [6, 900],
    [16, 1800],
    [30, 1800],
  ] as const) {
    const { data, meta } = (await ask(until - days * day, until)).body
    t.equal(meta.step_seconds, step, `${days} days`)
    const sum = (name: string) => data.reduce((all: number, one: Record<string, number>) => all + (one[name] ?? 0), 0)
    t.same([sum('fired'), sum('minutes')], [(200 * 201) / 2, 201])
  }
  t.equal((await ask(until - 31 * day, until)).status, 422)
  t.equal((await ask(until, until)).status, 422)
})

t.test('the tick that leads writes them', async (t) => {
  const { events, pool, startTick, row } = await testApi(t)
  const elected = nextEvent(events, 'leader:elected')
  startTick()
  await elected
  const count = () => row<{ count: number }>('select count(*)::int as count from pgbeat.minutes')
  while ((await count()).count === 0) await pool.query('select pg_sleep(0.05)')
  t.same(await count(), { count: 1 }, 'at first the last one')
})
