import t from 'tap'
import { testApi } from './api.ts'

t.test('all that a run logged, page by page, in the order of its attempts', async (t) => {
  const { request, pool } = await testApi(t)
  await request('POST', '/schedules', { name: 's', task_name: 'echo', every: 3600 })
  const { body: triggered } = await request('POST', '/schedules/s/trigger')
  const path = `/runs/${triggered.data.id}`
  const log = (attempt: number, lines: number) =>
    pool.query(
      `insert into pgbeat.run_logs (run_id, scheduled_for, attempt, line, logged_at, level, message)
       select id, scheduled_for, $1, line, now(), 'info', 'said' from pgbeat.runs, generate_series(1, $2::int) line`,
      [attempt, lines],
    )
  await log(1, 1_000)
  const whole = await request('GET', path)
  t.equal(whole.body.data.logs.length, 1_000)
  t.equal(whole.body.data.logs_truncated, false)
  await log(2, 3)
  t.equal((await request('GET', path)).body.data.logs_truncated, true)

  const found: [number, number][] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await request('GET', `${path}/logs?per_page=250${cursor && `&cursor=${cursor}`}`)
    t.ok(body.data.length <= 250)
    found.push(...body.data.map(({ attempt, line }: { attempt: number; line: number }) => [attempt, line]))
    cursor = body.meta.next_cursor
  }
  t.equal(found.length, 1_003)
  t.same(found.slice(998), [
    [1, 999],
    [1, 1_000],
    [2, 1],
    [2, 2],
    [2, 3],
  ])
  t.equal((await request('GET', `${path}/logs`)).body.data.length, 200)
  const second = await request('GET', `${path}/logs?attempt=2`)
  t.match(second.body, { data: [{ attempt: 2, line: 1 }, { line: 2 }, { line: 3 }], meta: { next_cursor: null } })
  t.match(await request('GET', `${path}/logs?cursor=nonsense`), {
    status: 422,
    body: { errors: [{ field: 'cursor' }] },
  })
  t.equal((await request('GET', '/runs/999999/logs')).status, 404)
})
