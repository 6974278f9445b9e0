import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { serveOn } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'
import { testSystem } from '../support/system.ts'
import { onTerminal, runPgbeat } from './pgbeat.ts'

t.setTimeout(300_000)

const file = `
set: web
defaults:
  task_name: echo
  timezone: Asia/Tokyo
schedules:
  - name: nightly
    cron_expression: 30 2 * * *
    payload: { of: yesterday, codes: [1, 2] }
  - name: often
    every: 5m
    timezone: null
    tags: [a]
`

t.test('a file is applied, once; what changes is shown before', async (t) => {
  const { connectionString, row } = await testSystem(t)
  const environment = { DATABASE_URL: connectionString }
  const apply = (input: string, ...flags: string[]) => runPgbeat(['apply', '-f', '-', ...flags], environment, input)

  const dry = await apply(file, '--dry-run')
  t.match(dry, { code: 0, stderr: /2 to create, 0 unchanged\nNothing was changed: this was a dry run\.\n$/ })
  t.match(JSON.parse(dry.stdout), { dry_run: true, created: 2 })
  t.equal((await apply(file, '--dry-run', '--exit-code')).code, 5)
  t.same(await row('select count(*)::int from pgbeat.schedule_events'), { count: 0 })

  t.match(await apply(file), { code: 0, stderr: /no live worker has the task echo.*\n2 created, 0 unchanged\n$/ })
  t.match(await row(`select timezone, tags, updated_by from pgbeat.schedules where name = 'nightly'`), {
    timezone: 'Asia/Tokyo',
    tags: ['apply:web'],
    updated_by: /^cli:./,
  })
  const respelled = file
    .replace('every: 5m', 'every: PT300S')
    .replace('of: yesterday, codes: [1, 2]', 'codes: [1,2], of: yesterday')
  t.match(await apply(respelled), { code: 0, stderr: /2 unchanged\nThere is nothing to do\.\n$/ })
  t.equal((await apply(file, '--dry-run', '--exit-code')).code, 0)
  t.same(await row('select count(*)::int from pgbeat.schedule_events'), { count: 2 })

  const less = file.replace(/ {2}- name: often[\s\S]*/, '').replace('yesterday', 'today')
  t.match(await apply(less), { code: 0, stderr: /\n1 changed, 0 unchanged\n$/ })
  t.match(await apply(less, '--prune'), { code: 2, stderr: /1 to delete, 1 unchanged\. Go on\? Give --yes/ })
  t.match(await apply(less, '--prune', '--yes'), { code: 0, stderr: /\n1 deleted, 1 unchanged\n$/ })
  t.match(await apply('schedules: []', '--prune'), { code: 2, stderr: /--prune is about a set: name it/ })
  t.match(await apply(file, '--set', 'other'), { code: 2, stderr: 'pgbeat: one set at a time, not web and other\n' })
  const taken = await apply(less.replace('set: web', 'set: other'))
  t.match(taken, { code: 4, stderr: /standard input:7:11: nightly: name: it belongs to the set web/ })
})

t.test('on a terminal the difference is shown for people, and what goes is asked for', async (t) => {
  const { connectionString } = await testSystem(t)
  const environment = { DATABASE_URL: connectionString, NO_COLOR: '1' }
  const folder = t.testdir({ 'a.yaml': file })
  const created = await onTerminal(['apply', '-f', folder], environment)
  t.match(created.shown, /^\+ nightly\n {4}task_name: "echo"\n/)
  t.match(created.shown, / {4}payload: {"of":"yesterday","codes":\[1,2\]}\n/)
  writeFileSync(join(folder, 'a.yaml'), file.replace(/ {2}- name: often[\s\S]*/, '').replace('yesterday', 'today'))
  const no = await onTerminal(['apply', '-f', folder, '--prune'], environment, 'n\n')
  t.match(no, { code: 1, shown: /~ nightly\n {4}payload\.of: "yesterday" → "today"\n- often\n/ })
  t.match(no.shown, /1 to change, 1 to delete, 0 unchanged\. Go on\? \[y\/N\]/)
  t.match(no.shown, /nothing was done/)
  const yes = await onTerminal(['apply', '-f', folder, '--prune'], environment, 'y\n')
  t.match(yes, { code: 0, shown: /1 changed, 1 deleted, 0 unchanged\n$/ })
})

t.test('everything that is wrong is told with its place, and nothing is done', async (t) => {
  const { connectionString, row } = await testSystem(t)
  const environment = { DATABASE_URL: connectionString }
  const folder = t.testdir({ 'a.yaml': 'schedules: [{nam: x}]', 'b.yml': 'schedules: [', 'ignored.txt': 'x' })
  const unread = await runPgbeat(['apply', '-f', folder], environment)
  t.equal(unread.code, 2)
  t.match(unread.stderr, `${folder}/a.yaml:1:14: nam: there is no such field; did you mean name?`)
  t.match(unread.stderr, `${folder}/b.yml:1:13: `)
  t.notMatch(unread.stderr, 'ignored')

  const input = `defaults:
  timezone: Mars/Olympus
schedules:
  - name: one
    task_name: echo
    cron_expression: 0 0 30 2 *
    timezone: UTC
  - name: one
    task_name: echo
    every: 60
    timezone: UTC
  - name: two
    task_name: echo
    cron_expression: 0 0 * * *
  - task_name: echo
    every: soon
    max_attempts: 0
`
  const wrong = await runPgbeat(['apply', '-f', '-'], environment, input)
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, /^pgbeat: nothing was done\n/)
  t.match(wrong.stderr, /standard input:15:5: name: /)
  t.match(wrong.stderr, /standard input:16:12: every: must be an ISO 8601 duration or seconds/)
  t.match(wrong.stderr, /standard input:17:19: max_attempts: /)
  t.match(
    wrong.stderr,
    /standard input:8:11: one: name: standard input:4:5 has this name, too/,
    'as far as it can be read',
  )
  const once = await runPgbeat(
    ['apply', '-f', '-'],
    environment,
    input.replace('name: one\n    task_name: echo\n    every', 'name: three\n    task_name: echo\n    every'),
  )
  t.match(once.stderr, /standard input:6:22: one: cron_expression: /)
  t.match(once.stderr, /standard input:2:13: two: timezone: /, 'in the defaults')
  t.same(await row('select count(*)::int from pgbeat.schedules'), { count: 0 })

  t.match(await runPgbeat(['apply'], environment), { code: 2, stderr: /which files\?/ })
  t.match(await runPgbeat(['apply', '-f', 'nowhere.yaml'], environment), { code: 2, stderr: /no such file/ })
  mkdirSync(join(folder, 'empty'))
  t.match(await runPgbeat(['apply', '-f', join(folder, 'empty')], environment), { code: 2, stderr: /no YAML or JSON/ })
})

t.test('remotely it is one request, too', async (t) => {
  const { connectionString, db } = await testSystem(t)
  const { url } = await serveOn(t, { connectionString })
  const admin = await addKey(db, 'ann', 'admin')
  const environment = { PGBEAT_API_URL: url, PGBEAT_API_KEY: admin.token }
  const applied = await runPgbeat(['apply', '-f', '-'], environment, file)
  t.match(applied, { code: 0, stderr: /2 created/ })
  const large = file.replace('yesterday', 'x'.repeat(1_100_000))
  t.match(await runPgbeat(['apply', '-f', '-'], environment, large), { code: 1, stderr: /more than the 1 MB/ })
  const viewer = await addKey(db, 'ben', 'viewer')
  const asViewer = { ...environment, PGBEAT_API_KEY: viewer.token }
  t.match(await runPgbeat(['apply', '-f', '-'], asViewer, file), { code: 1, stderr: /\(forbidden\)/ })
  const exported = await runPgbeat(['export', '--set', 'web'], asViewer)
  t.match(exported, { code: 0, stdout: /^set: web\ndefaults:\n {2}timezone: UTC\nschedules:\n {2}- name: nightly\n/ })
  t.match(await runPgbeat(['apply', '-f', '-'], environment, exported.stdout), { stderr: /2 unchanged/ })
  const one = await runPgbeat(['export', 'often', '--json', '--url', url], environment)
  t.same(JSON.parse(one.stdout).schedules, [{ name: 'often', task_name: 'echo', every: 'PT5M', tags: ['a'] }])
  t.match(await runPgbeat(['export', 'often', '--tag', 'a'], environment), { code: 2, stderr: /not both/ })
  t.match(await runPgbeat(['export', 'nobody'], environment), { code: 3, stderr: /schedule_not_found/ })
  const output = join(t.testdir(), 'all.yaml')
  const all = await runPgbeat(['export', '--output', output], environment)
  t.match(all, { code: 0, stdout: '', stderr: `2 schedules written to ${output}\n` })
  t.match(await runPgbeat(['apply', '-f', output], environment), { stderr: /2 unchanged/ })
})
