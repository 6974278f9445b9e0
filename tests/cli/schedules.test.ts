import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { serveOn } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { testSystem } from '../support/system.ts'
import { jsonLines, onTerminal, pgbeat, runPgbeat } from './pgbeat.ts'

t.setTimeout(120_000)

t.test('a schedule from its creation to its end, on the database', async (t) => {
  const { connectionString } = await testSystem(t)
  const pgbeat = (...args: string[]) => runPgbeat(['schedules', ...args], { DATABASE_URL: connectionString })

  const fields = ['--cron', '30 2 * * 1-5', '--timezone', 'Asia/Tokyo', '--payload', '{"of":"yesterday"}']
  const created = await pgbeat('create', 'nightly', '--task', 'echo', ...fields, '--tag', 'a,b', '--timeout', '1h30m')
  t.match(created, { code: 0, stderr: /no live worker has the task echo/ })
  t.match(JSON.parse(created.stdout), {
    name: 'nightly',
    cron_expression: '30 2 * * 1-5',
    payload: { of: 'yesterday' },
    tags: ['a', 'b'],
    timeout: 'PT1H30M',
    updated_by: /^cli:./,
  })
  const again = await pgbeat('create', 'nightly', '--task', 'echo', '--every', '60')
  t.match(again, { code: 4, stdout: '', stderr: /^pgbeat: .*name.*\(name_taken\)/ })

  const edited = await pgbeat('edit', 'nightly', '--description', 'Reports', '--no-enabled', '--timeout', '')
  t.match(JSON.parse(edited.stdout), { description: 'Reports', enabled: false, timeout: null, revision: 2 })
  const late = await pgbeat('edit', 'nightly', '--priority', '3', '--if-revision', '1')
  t.match(late, { code: 4, stderr: 'pgbeat: the schedule has revision 2, not 1 (revision_mismatch)\n' })
  t.match(await pgbeat('edit', 'nightly'), { code: 2, stderr: /Give flags, or use a terminal/ })

  t.match(await pgbeat('resume', 'nightly'), { code: 0, stderr: 'the schedule nightly resumed\n' })
  const paused = await pgbeat('pause', 'nightly', '--note', 'moving')
  t.match(JSON.parse(paused.stdout), { changed: 1 })
  const shown = await pgbeat('show', 'nightly')
  t.match(JSON.parse(shown.stdout), { name: 'nightly', enabled: false, pause_note: 'moving' })
  const run = await pgbeat('trigger', 'nightly', '--payload', '-')
  t.match(run, { code: 2, stderr: /--payload: is no JSON/ })
  t.match(JSON.parse((await pgbeat('trigger', 'nightly')).stdout), { origin: 'manual', status: 'queued' })

  t.match(await pgbeat('delete', 'nightly'), { code: 2, stderr: /there is nobody to ask/ })
  t.match(await pgbeat('delete', 'nightly', 'nobody', '--yes'), { code: 3, stderr: /"nobody": nothing was done/ })
  t.match(await pgbeat('delete', 'nightly', '--yes'), { code: 0, stderr: 'the schedule nightly deleted\n' })
  t.match(await pgbeat('show', 'nightly'), { code: 3, stderr: /\(schedule_not_found\)/ })
})

t.test('what is wrong is told by field, and which flag was meant', async (t) => {
  const { connectionString } = await testSystem(t)
  const pgbeat = (...args: string[]) => runPgbeat(['schedules', ...args], { DATABASE_URL: connectionString })
  const wrong = await pgbeat('create', '--task', 'echo', '--cron', 'x y', '--max-attempts', '0', '--jitter', 'soon')
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, /\(invalid_request\)\n(.*\n)* {2}jitter: must be an ISO 8601 duration/)
  t.match(wrong.stderr, /max_attempts: /)
  t.match(await pgbeat('create', '--tsk', 'echo'), {
    code: 2,
    stderr: 'pgbeat: there is no flag --tsk; did you mean --task?\n',
  })
  t.match(await pgbeat('create', '--every', '60'), { code: 2, stderr: /--task is missing/ })
  t.match(await pgbeat('show'), { code: 2, stderr: 'pgbeat: <schedule> is missing: its name or id\n' })
  t.match(await pgbeat('show', 'a', 'b'), { code: 2, stderr: /b is too many: it takes <schedule>, its name or id/ })
  t.match(await pgbeat('pause'), { code: 2, stderr: /which schedules\?/ })
  t.match(await pgbeat('pause', 'a', '--all'), { code: 2, stderr: /not several of them/ })
  t.match(await pgbeat('list', '--limit', 'x'), { code: 2, stderr: /--limit: must be a whole number/ })
  t.match(await pgbeat(), { code: 2, stdout: '', stderr: /^Usage: pgbeat schedules <command>/ })
  t.match(await runPgbeat(['schedule']), { code: 2, stderr: /did you mean schedules\?/ })
  t.match(await runPgbeat(['schedules', 'list']), { code: 2, stderr: /set DATABASE_URL .* or give a remote API/ })
  t.match(await runPgbeat(['help', 'schedules', 'edit']), { code: 0, stdout: /--if-revision <number>/ })
})

t.test('remotely it is the same, in the name of the key', async (t) => {
  const { connectionString, db } = await testSystem(t)
  const { url } = await serveOn(t, { connectionString })
  const admin = await addKey(db, 'ann', 'admin')
  const pgbeat = (...args: string[]) =>
    runPgbeat(['schedules', ...args], { PGBEAT_API_URL: url, PGBEAT_API_KEY: admin.token })
  t.match(JSON.parse((await pgbeat('create', 'a/b c', '--task', 'echo', '--every', '5m')).stdout), {
    every: 'PT5M',
    updated_by: 'api:ann',
  })
  t.match(jsonLines((await pgbeat('list')).stdout), [{ name: 'a/b c' }])
  t.match(await pgbeat('show', 'nobody'), { code: 3 })
  const stranger = await runPgbeat(['schedules', 'list', '--url', url], { DATABASE_URL: connectionString })
  t.match(stranger, { code: 1, stderr: /\(unauthorized\)/ })
  const gone = await runPgbeat(['schedules', 'list', '--url', 'http://127.0.0.1:1'])
  t.match(gone, { code: 1, stderr: /^pgbeat: fetch failed: .*ECONNREFUSED|bad port/ })
})

t.test('flags choose schedules, and a list of any length is put out as it comes', async (t) => {
  const { connectionString, pool } = await testSystem(t)
  const environment = { DATABASE_URL: connectionString }
  await pool.query(`insert into pgbeat.schedules (name, task_name, every, tags, category)
    select 'n' || lpad(i::text, 4, '0'), 'echo', '1 hour', array['t' || i % 2], 'c' from generate_series(1, 1000) as i`)
  const list = async (...args: string[]) =>
    jsonLines((await runPgbeat(['schedules', 'list', ...args], environment)).stdout).map(({ name }) => name)
  t.equal((await list()).length, 1_000)
  const head = await promisify(execFile)(
    'bash',
    ['--norc', '-o', 'pipefail', '-c', `'${pgbeat}' schedules list | head -n 2`],
    {
      env: { PATH: process.env.PATH, ...environment },
    },
  )
  t.equal(head.stdout.trim().split('\n').length, 2)
  t.equal(head.stderr, '', 'who stops reading is no error')
  t.same(await list('--tag', 't0', '--limit', '2', '--sort=-name'), ['n1000', 'n0998'])
  t.same(await list('--search', 'N00', '--task', 'other'), [])
  const paused = await runPgbeat(['schedules', 'pause', '--tag', 't0', '--yes'], environment)
  t.match(paused, { code: 0, stderr: /^500 schedules \(n0002, .*…\) paused\n$/ })
  t.equal((await list('--no-enabled')).length, 500)
  const { rows } = await pool.query(`select count(*)::int as paused from pgbeat.schedules where not enabled`)
  t.same(rows, [{ paused: 500 }])
})

t.test('on a terminal there are tables and questions', async (t) => {
  const { connectionString, pool } = await testSystem(t)
  const environment = { DATABASE_URL: connectionString }
  await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression, enabled, description) values
    ('long-' || repeat('x', 150), 'echo', '0 9 * * *', false, null)`)
  await runPgbeat(['schedules', 'create', '朝の報告', '--task', 'echo', '--cron', '0 9 * * *'], environment)
  await pool.query(`update pgbeat.schedules set next_run_at = '2999-01-01T09:00Z' where name = '朝の報告'`)
  const { shown } = await onTerminal(['schedules', 'list'], { ...environment, NO_COLOR: '1' })
  const lines = shown.trimEnd().split('\n')
  t.match(lines[0], /^name +state +task +fires +next run$/)
  t.match(lines[1], /^long-x+… +paused +echo +0 9 \* \* \* \(UTC\) +–$/)
  t.match(lines[2], /^朝の報告 +active +echo +0 9 \* \* \* \(UTC\) +2999-01-01 09:00:00Z \(in/)
  t.ok(lines.every((line) => line.length <= 100))
  t.notOk(shown.includes('\u001b['), 'NO_COLOR is heeded')
  t.ok((await onTerminal(['schedules', 'list'], environment)).shown.includes('\u001b[32mactive'))
  t.match(jsonLines((await onTerminal(['schedules', 'list', '--json'], environment)).shown), [{}, { name: '朝の報告' }])

  const refused = await onTerminal(['schedules', 'delete', '朝の報告'], environment, 'n\n')
  t.match(refused, { code: 1, shown: /Delete the schedule 朝の報告\? \[y\/N\] [\s\S]*nothing was done/ })
  t.match(await onTerminal(['schedules', 'delete', '朝の報告'], environment, 'y\n'), { code: 0, shown: /deleted/ })
  const { rows } = await pool.query('select name from pgbeat.schedules')
  t.equal(rows.length, 1)
})

t.test('what takes long says so on a terminal', async (t) => {
  const { connectionString, pool } = await testSystem(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('locked', 'echo', '1 hour')`)
  const somebody = await pool.connect()
  await somebody.query(`begin; select from pgbeat.schedules where name = 'locked' for update`)
  const { code, shown } = await onTerminal(['schedules', 'pause', 'locked'], { DATABASE_URL: connectionString })
  await somebody.query('rollback')
  somebody.release()
  t.ok(shown.includes('\r\u001b[K1 s: pausing the schedule locked\r\u001b[K2 s: '), shown)
  t.equal(code, 4, 'in the end somebody else has it')
})
