import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { openSession } from '../../../src/store/database.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { startLive } from './live.ts'

const insert = (name: string) =>
  `insert into pgbeat.schedules (name, task_name, cron_expression) values ('${name}', 'echo', '0 9 * * *')`

async function sessions({ pool, name }: Pick<TestDatabase, 'pool' | 'name'>): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ application_name: string; count: number }>(
    `select application_name, count(*)::int from pg_stat_activity
     where datname = $1 and application_name <> '' group by 1`,
    [name],
  )
  return Object.fromEntries(rows.map(({ application_name, count }) => [application_name, count]))
}

t.test('one session listens and one asks, however many clients there are', async (t) => {
  const database = await testDatabase(t)
  const { open, feed } = await startLive(t, database)
  const streams = await Promise.all(Array.from({ length: 50 }, () => open()))
  t.equal(feed.clients, 50)
  await database.pool.query(insert('a'))
  await Promise.all(streams.map((stream) => stream.find(({ event }) => event === 'schedule.created')))
  t.same(new Set(streams.map(({ lastId }) => lastId)).size, 1)
  t.same(await sessions(database), { 'pgbeat api notifications': 1, 'pgbeat api changes': 1 })
})

t.test('nothing is asked while there are no clients', async (t) => {
  const database = await testDatabase(t)
  const { open, feed } = await startLive(t, database)
  t.equal(feed.isPolling, false)
  t.notOk((await sessions(database))['pgbeat api changes'])
  const stream = await open()
  t.equal(feed.isPolling, true)
  stream.close()
  while (feed.isPolling) await new Promise((resolve) => setImmediate(resolve))
  t.equal(feed.clients, 0)
  await database.pool.query(insert('unseen'))
  const next = await open()
  await database.pool.query(insert('seen'))
  await next.find(({ event }) => event === 'schedule.created')
  t.match(next.events, [{ data: { schedule_name: 'seen' } }], 'from now on')
})

t.test('nothing is lost when Postgres ends the sessions, or is away for a while', async (t) => {
  const database = await testDatabase(t)
  const { open } = await startLive(t, database)
  const elsewhere = new URL(database.connectionString)
  elsewhere.pathname = '/postgres'
  const admin = await openSession(elsewhere.href, 'test')
  t.teardown(() => admin.end())
  const endSessions = () =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like 'pgbeat api%'`,
      [database.name],
    )
  const stream = await open()
  await endSessions()
  await database.pool.query(insert('a'))
  await stream.find(({ data }) => data.schedule_name === 'a')

  const writer = await openSession(database.connectionString, 'test')
  await admin.query(`alter database ${database.name} allow_connections false`)
  await endSessions()
  await writer.query(insert('b'))
  await writer.query(`delete from pgbeat.schedules where name = 'a'`)
  const joined = open({ wait: false })
  await admin.query(`alter database ${database.name} allow_connections true`)
  await writer.query(insert('c'))
  await writer.end()
  await stream.find(({ data }) => data.schedule_name === 'c')
  t.same(
    stream.events.map(({ event, data }) => `${data.schedule_name} ${event}`),
    ['a schedule.created', 'b schedule.created', 'a schedule.deleted', 'c schedule.created'],
  )
  t.equal((await joined).status, 200, 'who comes meanwhile waits')
})

t.test('a position that says nothing here has the client load anew', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const other = await startLive(t, await testDatabase(t))
  const fromElsewhere = (await other.open()).lastId
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [version, source, position] = JSON.parse(Buffer.from(String((await open()).lastId), 'base64url').toString())
  const future = encoded([version, source, [String(10n ** 18n), ...position.slice(1)]])
  const given = [
    '42',
    '!!',
    '%00',
    'null',
    encoded([]),
    encoded([1, source, null]),
    'x'.repeat(8_000),
    future,
    fromElsewhere,
  ]
  for (const lastEventId of given) {
    const stream = await open({ lastEventId })
    t.match(stream.events, [{ event: 'reset', data: { message: String } }], `${lastEventId}`.slice(0, 40))
    stream.close()
  }
  const stream = await open({ lastEventId: future })
  await pool.query(insert('a'))
  await stream.find(({ event }) => event === 'schedule.created')
  const again = await open({ lastEventId: stream.events[0]?.id })
  await again.find(({ event }) => event === 'schedule.created')
})

t.test('positions that nobody was at hold up no honest client', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const honest = (await open()).lastId
  const [version, source, now] = JSON.parse(Buffer.from(String(honest), 'base64url').toString())
  const encoded = (...rest: unknown[]) => Buffer.from(JSON.stringify([version, source, ...rest])).toString('base64url')
  const greatest = String(2n ** 63n - 1n)
  const [, , , , at, runId] = now
  const impossible = [
    encoded([greatest, 2 ** 48, [], [], 0, '0'], now, 's', '0'),
    encoded([greatest, 0, [], [], 0, '0'], now, 's', '0'),
    encoded(['0', 1, [2 ** 48], [], at, runId], now, 's', '0'),
    encoded(['0', 1, [], [2 ** 48], at, runId], now, 's', '0'),
    encoded(now, ['0', 0, [], [], at, runId], 's', '0'),
    encoded(now, [greatest, 2 ** 48, [], [], at, runId], 'r', '0'),
    encoded(['1', 1, Array(300).fill(2 ** 48), [], at, runId]),
  ]
  await pool.query(insert('a'))
  const crafted = impossible.map((lastEventId) => open({ lastEventId }))
  const resumed = await open({ lastEventId: honest })
  await resumed.find(({ event }) => event === 'schedule.created')
  for (const stream of await Promise.all(crafted)) t.match(stream.events, [{ event: 'reset' }])
  await pool.query(insert('b'))
  for (const stream of await Promise.all(crafted)) await stream.find(({ data }) => data.schedule_name === 'b')
})

t.test('where to go on can be given in the query, and the header goes before it', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open, url } = await startLive(t, database)
  const first = await open()
  const start = first.lastId
  await pool.query(insert('a'))
  await first.find(({ event }) => event === 'schedule.created')
  const read = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}?last_event_id=${start}`, { headers })
    const text = []
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text.push(chunk)
      if (/^id: /m.test(text.join(''))) break
    }
    return text.join('')
  }
  t.match(await read({}), /^event: schedule.created$/m)
  t.notMatch(await read({ 'last-event-id': String(first.lastId) }), /^event: /m)
})

t.test('a client that does not read is dropped, and the others get everything', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open, feed, url } = await startLive(t, database, { mostUnsentBytes: 64 * 1024 })
  const fast = await open()
  const { port, pathname } = new URL(url)
  const slow = connect(Number(port), '127.0.0.1')
  await once(slow, 'connect')
  slow.write(`GET ${pathname} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await once(slow, 'readable')
  await fast.until(() => feed.clients === 2)
  const schedules = 500
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every) select 's' || i, 'echo', '1 hour' from generate_series(1, $1) i`,
    [schedules],
  )
  const text = 'x'.repeat(1_900)
  let edits = 0
  while (feed.clients === 2) {
    edits += 1
    await pool.query(`update pgbeat.schedules set description = $1`, [`${edits}${text}`])
    await fast.until(() => fast.events.length === schedules * (edits + 1))
  }
  t.ok(edits > 1)
  await pool.query(`delete from pgbeat.schedules where name = 's1'`)
  await fast.find(({ event }) => event === 'schedule.deleted')
  t.equal(fast.events.length, schedules * (edits + 1) + 1)
  slow.resume()
  slow.on('error', () => {})
  await once(slow, 'close')
})

t.test('a heartbeat shows that the stream is alive, and moves on where to resume', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database, { heartbeatEveryMs: 10 })
  const stream = await open({ filter: { taskName: 'another' } })
  const before = stream.lastId
  await pool.query(insert('a'))
  await stream.until(() => stream.comments.length > 2 && stream.lastId !== before)
  t.same(stream.events, [])
})

t.test('there are only so many streams', async (t) => {
  const database = await testDatabase(t)
  const { open, feed } = await startLive(t, database, { mostClients: 2 })
  const streams = [await open(), await open()]
  t.equal(feed.isFull, true)
  t.equal((await open()).status, 503)
  streams[0]?.close()
  while (feed.isFull) await new Promise((resolve) => setImmediate(resolve))
  t.equal((await open()).status, 200)
})

t.test('a HEAD request gets the headers and no stream', async (t) => {
  const { url, feed } = await startLive(t, await testDatabase(t))
  const response = await fetch(url, { method: 'HEAD' })
  t.match(response.headers.get('content-type'), /event-stream/)
  t.equal(feed.clients, 0)
})

t.test('stopping ends all streams', async (t) => {
  const database = await testDatabase(t)
  const { open, stop, url, feed } = await startLive(t, database)
  const { port, pathname } = new URL(url)
  const streams = [await open(), await open()]
  const silent = connect(Number(port), '127.0.0.1')
  silent.on('error', () => {})
  silent.write(`GET ${pathname} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await once(silent, 'readable')
  await stop()
  await Promise.all(streams.map(({ ended }) => ended))
  t.equal(feed.clients, 0)
  t.notOk((await sessions(database))['pgbeat api changes'])
})
