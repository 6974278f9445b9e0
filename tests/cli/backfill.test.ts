import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { testSystem } from '../support/system.ts'
import { jsonLines, onTerminal, pgbeat, runPgbeat } from './pgbeat.ts'

t.setTimeout(120_000)

const range = ['--from', '2026-03-01T00:00:00Z', '--to', '2026-03-01T05:00:00Z']

t.test('a past range is shown, run and waited for', async (t) => {
  const { connectionString, startTick, startWorker } = await testSystem(t)
  const environment = { DATABASE_URL: connectionString }
  const backfill = (...args: string[]) => runPgbeat(['backfill', 'hourly', ...args], environment)
  await runPgbeat(
    ['schedules', 'create', 'hourly', '--task', 'echo', '--cron', '0 * * * *', '--no-enabled'],
    environment,
  )

  const dry = await backfill(...range, '--dry-run')
  t.match(dry, { code: 0, stderr: '6 of 6 instants would be run. Nothing was done.\n' })
  t.match(jsonLines(dry.stdout), [{ scheduled_for: '2026-03-01T00:00:00.000Z', chosen: true }, {}, {}, {}, {}, {}])
  t.match(await backfill('--from', '2026-03-01T00:00:00Z'), { code: 2, stderr: /--from and --to/ })
  t.match(await backfill('--from', 'yesterday', '--to', 'today'), { code: 2, stderr: /starts_at: must be an ISO 8601/ })

  const begun = await backfill(...range)
  t.match(begun, { code: 0, stderr: /^backfill \d+ of hourly has begun/ })
  t.match(JSON.parse(begun.stdout), { status: 'listing', max_active: 1 })

  const waiting = spawn(pgbeat, ['backfill', 'hourly', ...range, '--wait'], {
    env: { PATH: process.env.PATH, ...environment },
  })
  const [said] = await once(waiting.stderr, 'data')
  t.match(String(said), /has begun/)
  const goesOn = once(waiting.stderr, 'data')
  waiting.kill('SIGINT')
  t.match(String((await goesOn)[0]), /goes on/)

  startTick()
  await startWorker()
  const waited = await onTerminal(
    ['backfill', 'hourly', ...range, '--which', 'all', '--max-active', '3', '--wait'],
    environment,
  )
  t.equal(waited.code, 0)
  t.match(waited.shown, /█+░* \d\/6 /)
  t.match(waited.shown, /status.* completed\n[\s\S]*6 succeeded/)
})
