import t from 'tap'
import { testApi } from './api.ts'

t.test("says how long ago each node's heartbeat was, by the database's clock", async (t) => {
  const { pool, request } = await testApi(t)
  await pool.query(`
    insert into pgbeat.nodes (id, kind, host, pid, version, heartbeat_at)
    select gen_random_uuid(), 'tick', host, 7, '0', clock_timestamp() - silent
    from (values ('late', interval '4 seconds'), ('gone', '20 seconds'), ('ahead', '-1 hour')) as n (host, silent)`)
  const { body } = await request('GET', '/nodes')
  const byHost = new Map<string, { heartbeat_age_seconds: number; is_alive: boolean }>(
    body.data.map((node: { host: string; kind: string }) => [node.kind === 'api' ? 'api' : node.host, node]),
  )
  const ageOf = (host: string) => byHost.get(host)?.heartbeat_age_seconds as number
  t.ok(ageOf('late') >= 4 && ageOf('late') < 20)
  t.ok(ageOf('gone') >= 20 && ageOf('gone') < 40)
  t.equal(ageOf('ahead'), 0, 'never less than nothing')
  t.ok(ageOf('api') < 4)
  t.equal(byHost.get('gone')?.is_alive, false)
})
