import pg from 'pg'
import t, { type Test } from 'tap'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { type LogLine, type Process, startProcess } from '../support/process.ts'
import { Network } from './network.ts'
import { ReplicatedServer } from './replica.ts'

// Each has a cluster to start, and runs to wait for that only recovery brings to an end.
t.setTimeout(120_000)

t.test('a promoted replica is found by every process, and no instant is lost or doubled', async (t) => {
  const cluster = await startCluster(t)
  const lostAt = Date.now()
  await cluster.server.promote()
  cluster.network.retarget(cluster.server.connectionString)
  cluster.network.cut()
  await goesOn(t, cluster, lostAt)
})

t.test('a replica that is promoted only after they have found it is no dead end', async (t) => {
  const cluster = await startCluster(t)
  const { server, network, ticks, api } = cluster
  const lostAt = Date.now()
  await server.losePrimary()
  network.retarget(server.replicaConnectionString)
  // A worker only says so when it finds out as it asks for a job; one that starts over waits in silence.
  const refused = Promise.all([
    ...ticks.map((tick) => times(3, tick, isReadOnly)),
    // Once a second, which makes it read-only for some.
    times(5, api, (line) => line.msg === 'no heartbeat' && isReadOnly(line)),
  ])
  network.cut()
  await refused
  await server.promote()
  t.comment(`read-only for ${(Date.now() - lostAt) / 1_000} s`)
  await goesOn(t, cluster, lostAt)
})

interface Cluster {
  readonly server: ReplicatedServer
  readonly network: Network
  readonly ticks: readonly Process[]
  readonly worker: Process
  readonly api: Process
}

const succeeded = ({ msg }: LogLine) => msg === 'run succeeded'

/** Postgres refused a statement because it writes. */
const isReadOnly = ({ err }: LogLine) => (err as { code?: string } | undefined)?.code === '25006'

/** Resolves when every part is at work: there is a leader, runs succeed. */
async function startCluster(t: Test): Promise<Cluster> {
  const server = await ReplicatedServer.create()
  t.teardown(() => server.remove())
  await prepareDatabase(server.connectionString)
  await query(
    server,
    `insert into pgbeat.schedules (name, task_name, cron_expression, catch_up, overlap_policy)
     select catch_up || ' ' || overlap_policy, 'echo', '* * * * * *', catch_up, overlap_policy
     from unnest('{none,latest,all}'::text[]) catch_up, unnest('{allow,queue,skip}'::text[]) overlap_policy`,
  )
  const network = await Network.start(server.connectionString)
  t.teardown(() => network.stop())
  const { connectionString } = network
  const start = (program: 'tick' | 'worker' | 'api') => startProcess(t, program, connectionString)
  const ticks = [start('tick'), start('tick')]
  const [worker, api] = [start('worker'), start('api')]
  await Promise.all([
    api.logged('api listening'),
    times(3 * 9, worker, succeeded),
    Promise.race(ticks.map((tick) => tick.logged('this tick leads'))),
  ])
  return { server, network, ticks, worker, api }
}

/** Without anybody's help, on the replica. */
async function goesOn(t: Test, { server, ticks, worker, api }: Cluster, lostAt: number): Promise<void> {
  const afterwards = `where status = 'succeeded' and scheduled_for > $1`
  const first = `select min(finished_at) as at from pgbeat.runs ${afterwards}`
  const recoveredAt = await untilAfterRun(worker, async () => {
    const [row] = await query<{ at: Date | null }>(server, first, [new Date(lostAt)])
    return row?.at
  })
  const tookMs = recoveredAt.getTime() - lostAt
  t.comment(`the next success ${tookMs} ms after the primary was lost`)
  t.ok(tookMs < 15_000, `runs succeed again after ${tookMs} ms`)

  const until = new Date(Math.ceil(recoveredAt.getTime() / 1_000) * 1_000 + 3_000)
  const unfinished = `select count(*)::int as count from pgbeat.schedules s where not exists
    (select from pgbeat.runs where schedule_id = s.id and status = 'succeeded' and scheduled_for > $1)
    or exists (select from pgbeat.runs where schedule_id = s.id and scheduled_for <= $1
      and status in ('waiting', 'queued', 'running', 'retrying'))`
  await untilAfterRun(worker, async () => {
    const [row] = await query<{ count: number }>(server, unfinished, [until])
    return row?.count === 0 || undefined
  })
  t.comment(`all that was due is over ${Date.now() - lostAt} ms after it`)

  const wrong = await query(
    server,
    `select s.name, instant, count(r.id)::int as times
     from (select s.id, s.name, min(coalesce(missed_since, scheduled_for)) as first
       from pgbeat.schedules s join pgbeat.runs r on r.schedule_id = s.id group by s.id) s
     cross join generate_series(s.first, $1::timestamptz, '1 second') as instant
     left join pgbeat.runs r on r.schedule_id = s.id
       and instant between coalesce(r.missed_since, r.scheduled_for) and r.scheduled_for
     group by s.name, instant having count(r.id) <> 1 order by 1, 2`,
    [until],
  )
  t.same(wrong, [], 'each instant is accounted for once')
  const statuses = await query(
    server,
    `select status, reason, count(*)::int from pgbeat.runs where scheduled_for <= $1 group by 1, 2 order by 1, 2`,
    [until],
  )
  t.comment(statuses)
  t.notOk(
    statuses.some(({ status }) => status === 'failed'),
    'nothing has failed for it',
  )

  const { url } = await api.logged('api listening')
  t.equal((await fetch(`${url}/readyz`)).status, 200)
  for (const process of [...ticks, worker, api]) t.equal(process.isAlive, true, process.errors)
  t.same(
    await Promise.all([...ticks, worker, api].map((process) => process.kill('SIGTERM'))),
    Array(4).fill({ code: 0, signal: null }),
    'each of them still ends when it is told to',
  )
}

/** Asks whenever a run has succeeded, until there is an answer. */
async function untilAfterRun<Answer>(worker: Process, ask: () => Promise<Answer | null | undefined>): Promise<Answer> {
  for (;;) {
    await worker.next(succeeded)
    const answer = await ask()
    if (answer !== undefined && answer !== null) return answer
  }
}

async function times(count: number, process: Process, matches: (line: LogLine) => boolean): Promise<void> {
  for (let seen = 0; seen < count; seen += 1) await process.next(matches)
}

async function query<Row = Record<string, unknown>>(
  { connectionString }: ReplicatedServer,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}
