import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t from 'tap'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  /** Resolves with the first match in what has been printed. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** `npm start` in a directory of its own, without any key. */
function start(t: { teardown(end: () => unknown): unknown }, dataDir: string): Started {
  const environment = { PATH: process.env.PATH, PGBEAT_DATA_DIR: dataDir, PGBEAT_PORT: '0' }
  const child = spawn(process.execPath, [main, 'start'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk
  })
  return {
    child,
    async printed(pattern) {
      for (;;) {
        const found = pattern.exec(output)
        if (found) return found
        await once(child.stdout, 'data')
      }
    },
    async stop(signal) {
      const exited = once(child, 'exit')
      child.kill(signal)
      return (await exited)[0]
    },
  }
}

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

/** What each role of the process has published: once the rows saved by the demo, once what the process itself uses. */
const figures = `
  select kind,
    (jsonb_path_query_first(metrics, 'strict $[*] ? (@.name == "pgbeat_task_count_total").values[*] ? (@[0].counter == "rows_saved")') -> 1)::int as saved,
    metrics @? '$[*] ? (@.name == "process_cpu_seconds_total")' as of_process
  from pgbeat.node_metrics m join pgbeat.nodes n on n.id = m.node_id order by kind`

t.test('everything with one command: from nothing to fetched companies, again and again', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'pgbeat-start-'))
  const dataDir = join(directory, 'data')
  const startedAt = performance.now()
  const first = start(t, dataDir)
  const [, api] = await first.printed(/API +(\S+)\/schedules/)
  const [, database = ''] = await first.printed(/Database +(postgres:\S+)/)
  t.ok(performance.now() - startedAt < 10_000)
  await first.printed(/listed-info-demo: succeeded .*"saved_count":4\d\d\d/)

  const [rows] = await query(database, 'select count(*)::int as count from jquants.listed_info')
  t.ok((rows?.count as number) > 4_000)
  const history = await (await fetch(`${api}/schedules/listed-info-demo/history`)).json()
  t.match(history, { data: { history: [{ status: 'succeeded', result: { fetched_count: Number, errors: [] } }] } })

  await query(
    database,
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('tick-tock', 'echo', '* * * * * *')`,
  )
  await first.printed(/tick-tock: succeeded/)
  let published: Record<string, unknown>[] = []
  while (published.length < 3 || published[2]?.saved === null) published = await query(database, figures)
  t.same(published, [
    { kind: 'api', saved: null, of_process: false },
    { kind: 'tick', saved: null, of_process: false },
    { kind: 'worker', saved: rows?.count, of_process: true },
  ])
  first.child.kill('SIGINT')
  t.equal(await first.stop('SIGINT'), 0, 'a Ctrl-C that npm passes on as well is one')
  await t.rejects(query(database, 'select 1'), 'the database is down')

  const second = start(t, dataDir)
  const [, sameDatabase] = await second.printed(/Database +(postgres:\S+)/)
  t.equal(sameDatabase, database, 'it is where it was')
  await second.printed(/listed-info-demo: succeeded/)
  const runs = await query(database, `select distinct schedule_name from pgbeat.runs order by 1`)
  t.same(runs, [{ schedule_name: 'listed-info-demo' }, { schedule_name: 'tick-tock' }], 'with its data')

  const rival = spawn(process.execPath, [main, 'start'], { env: { PGBEAT_DATA_DIR: dataDir, PGBEAT_PORT: '0' } })
  const [said] = await once(rival.stderr, 'data')
  t.match(String(said), /^pgbeat: process \d+ uses .* already/, "two of them would stop each other's database")
  await second.printed(/tick-tock: succeeded/)

  await second.stop('SIGKILL')
  const third = start(t, dataDir)
  await third.printed(/tick-tock: succeeded/)
  t.equal(await third.stop('SIGTERM'), 0, 'even after it was killed')
  await rm(directory, { recursive: true, force: true })
})
