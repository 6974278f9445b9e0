import t from 'tap'
import { keys } from '../../src/cli/keys/keys.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { hashOf, isToken, newToken } from '../../src/http/access/api-token.ts'
import { findKeyByHash } from '../../src/store/api-keys.ts'
import { overPool } from '../../src/store/database.ts'
import { addKey } from '../support/api-keys.ts'
import { testDatabase } from '../support/database.ts'
import { onTerminal, runPgbeat } from './pgbeat.ts'

t.test('a new key is printed alone, and what to know of it beside', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const environment = { DATABASE_URL: connectionString }
  const db = overPool(pool)
  const { code, stdout, stderr } = await runPgbeat(['keys', 'create', '--role', 'admin'], environment)
  const token = stdout.trimEnd()
  t.equal(code, 0)
  t.equal(stdout, `${token}\n`)
  t.ok(isToken(token))
  t.match(stderr, /^The key admin-[0-9a-f]{8}, for the role admin, until it is revoked\./)
  t.notOk(stderr.includes(token.slice(12)), 'a log of stderr has no key')
  t.match(await findKeyByHash(db, hashOf(token)), { name: /^admin-[0-9a-f]{8}$/, role: 'admin' })

  const named = ['--role', 'viewer', '--name', "Ann's laptop", '--expires', '2999-12-31T00:00:00+09:00']
  const ann = await runPgbeat(['keys', 'create', ...named], environment)
  t.match(ann.stderr, /^The key Ann's laptop, for the role viewer, until 2999-12-30T15:00:00Z\./)
  t.match(await findKeyByHash(db, hashOf(ann.stdout.trimEnd())), { name: "Ann's laptop", role: 'viewer' })
})

t.test('the first key is that of the environment, or a new one, and nothing where there is one', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const db = overPool(pool)
  const first = (environment: Record<string, string> = {}, ...args: string[]) =>
    runPgbeat(['keys', 'first', ...args], { DATABASE_URL: connectionString, ...environment })
  const wrong = await first({ PGBEAT_API_KEY: 'secret' })
  t.match(wrong, { code: 2, stdout: '', stderr: /^pgbeat: PGBEAT_API_KEY: must be pgb_ and 43 letters/ })

  const { code, stdout } = await first()
  const [, made = ''] = /^PGBEAT_API_KEY=(.*)\n$/.exec(stdout) ?? []
  t.equal(code, 0)
  t.match(await findKeyByHash(db, hashOf(made)), { name: 'first', role: 'admin' })
  t.same(await first(), { code: 0, stdout: '', stderr: 'There are keys already\n' })
  t.same(await first({ PGBEAT_API_KEY: made }), { code: 0, stdout: '', stderr: 'There are keys already\n' })
  const other = newToken()
  t.match(await first({ PGBEAT_API_KEY: other }), { code: 0, stderr: /PGBEAT_API_KEY is none that may be used/ })

  await pool.query('delete from pgbeat.api_keys')
  const given = await first({ PGBEAT_API_KEY: other }, '--name', 'compose')
  t.match(given, { code: 0, stdout: '', stderr: /^PGBEAT_API_KEY is the key compose, for the role admin\./ })
  t.match(await findKeyByHash(db, hashOf(other)), { name: 'compose', role: 'admin' })
})

t.test('keys are listed, as a table and as JSON, and revoked by name or id', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const environment = { DATABASE_URL: connectionString }
  const db = overPool(pool)
  const list = async (...options: string[]) => (await runPgbeat(['keys', 'list', ...options], environment)).stdout
  const [ann, ben] = [await addKey(db, 'ann', 'admin'), await addKey(db, 'ben')]
  const refused = await runPgbeat(['keys', 'revoke', 'ann'], environment)
  t.match(refused, { code: 2, stdout: '', stderr: /^pgbeat: ann is the last key with the role admin: .* Give --yes/ })
  const answered = await onTerminal(['keys', 'revoke', 'ann'], environment, 'n\n')
  t.match(answered, { code: 1, shown: /Revoke it\? \[y\/N\] [\s\S]*nothing was done/ })
  t.not(await findKeyByHash(db, hashOf(ann.token)), null, 'it is as it was')
  const revoked = await runPgbeat(['keys', 'revoke', 'ann', '--yes'], environment)
  t.match(revoked, { code: 0, stdout: /^ann is revoked since \d{4}-\S+Z\n$/, stderr: '' })
  const again = await runPgbeat(['keys', 'revoke', ann.key.id], environment)
  t.same(again, revoked, 'once more changes nothing')
  t.equal(await findKeyByHash(db, hashOf(ann.token)), null)

  const [table, json] = await Promise.all([list(), list('--json')])
  const [head, first, second] = table.split('\n')
  t.match(head, /^name +role +begins with +status +created +last used +expires$/)
  t.match(first, new RegExp(`^ann +admin +${ann.key.prefix} +revoked +\\S+Z +never +never$`))
  t.match(second, new RegExp(`^ben +viewer +${ben.key.prefix} +active +\\S+Z +never +never$`))
  t.match(JSON.parse(json), {
    data: [
      { name: 'ann', status: 'revoked' },
      { id: ben.key.id, status: 'active' },
    ],
  })
  t.notOk(json.includes(ben.token.slice(12)) || json.includes('hash'))
})

t.test('says what is wrong', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  await addKey(overPool(pool), 'taken')
  const mistakes: [string[], RegExp][] = [
    [['create'], /^--role: must be viewer, operator, admin/],
    [['create', '--role', 'root'], /^--role: must be viewer, operator, admin/],
    [['create', '--role'], /'--role <value>' argument missing/],
    [['create', '--role', 'viewer', 'ann'], /^it takes no arguments, but was given ann/],
    [['create', '--role', 'viewer', '--name', 'taken'], /^another key has this name\. Choose another/],
    [['create', '--role', 'viewer', '--name', ''], /^name must have 1 to 200 characters/],
    [['create', '--role', 'viewer', '--expires', 'tomorrow'], /^--expires: must be an ISO 8601 date and time/],
    [['create', '--role', 'viewer', '--expires', '2001-01-01T00:00:00Z'], /^expires_at must be in the future/],
    [['list', 'all'], /^it takes no arguments, but was given all/],
    [['revoke'], /^<key> is missing: its id or name/],
    [['revoke', 'one', 'two'], /^two is too many/],
  ]
  const config = readConfig({ DATABASE_URL: connectionString })
  for (const [args, message] of mistakes) {
    await t.rejects(keys.run(config, args), { name: 'UsageError', message }, args.join(' '))
  }
  for (const args of [[], ['drop'], ['constructor']]) {
    await t.rejects(keys.run(config, args), { name: 'UsageError', message: /create, first, list, revoke/ })
  }
  const told = await runPgbeat(['keys', 'revoke', 'nobody'], { DATABASE_URL: connectionString })
  t.match(told, { code: 3, stdout: '', stderr: /^pgbeat: there is no key "nobody"[^\n]*\n$/ })
  const { rows } = await pool.query('select name from pgbeat.api_keys')
  t.same(rows, [{ name: 'taken' }], 'nothing came of it')
})

t.test('needs a database, and a migrated one', async (t) => {
  await t.rejects(keys.run(readConfig({}), ['list']), { message: /^DATABASE_URL is not set/ })
  const { connectionString } = await testDatabase(t, { empty: true })
  const config = readConfig({ DATABASE_URL: connectionString })
  const message = /^the database lacks 0001_[^\n]*: run bin\/migrate first$/
  await t.rejects(keys.run(config, ['create', '--role', 'admin']), { name: 'MigrationError', message })
})
