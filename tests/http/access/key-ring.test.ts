import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type pg from 'pg'
import t, { type Test } from 'tap'
import { isToken, newToken } from '../../../src/http/access/api-token.ts'
import { KeyRing, type KeyRingOptions } from '../../../src/http/access/key-ring.ts'
import { revokeKey } from '../../../src/store/api-keys.ts'
import { overSession } from '../../../src/store/database.ts'
import { addKey } from '../../support/api-keys.ts'
import { testSystem } from '../../support/system.ts'

/** A key ring on a database of the test's own, with a clock that the test moves. What it asks is counted. */
async function testRing(t: Pick<Test, 'teardown'>, options: KeyRingOptions = {}) {
  const { pool, db, row } = await testSystem(t)
  const spied = {
    now: 0,
    /** How many statements were sent. */
    asked: 0,
    /** Called with each answer on its way, which it can hold up or make an error of. */
    async beforeAnswer() {},
  }
  const query = async (text: string, values: unknown[]) => {
    spied.asked += 1
    const answer = await pool.query(text, values)
    await spied.beforeAnswer()
    return answer
  }
  const ring = new KeyRing(overSession({ query } as unknown as pg.Client), {
    now: () => spied.now,
    trustMs: 5_000,
    writeAfterMs: 1_000_000,
    ...options,
  })
  t.teardown(() => ring.stop())
  return { ring, spied, pool, db, row }
}

t.test('a token has 32 random bytes', async (t) => {
  const tokens = Array.from({ length: 100 }, newToken)
  t.equal(new Set(tokens).size, 100)
  t.ok(tokens.every((token) => isToken(token) && Buffer.from(token.slice(4), 'base64url').length === 32))
  const [token = ''] = tokens
  const others = [
    '',
    'pgb_',
    token.slice(4),
    token.slice(0, -1),
    `${token}A`,
    `${token}\n`,
    token.replace('pgb', 'PGB'),
  ]
  for (const other of others) t.notOk(isToken(other), other)
})

t.test('whose token it is', async (t) => {
  const { ring, spied, db } = await testRing(t)
  const { token, key } = await addKey(db, 'ann', 'operator')
  const ann = { keyId: key.id, name: 'ann', role: 'operator' } as const
  t.equal(ring.known(token), null, 'nobody has asked yet')
  t.same(await ring.identify(token), ann)
  t.same(await ring.identify(token), ann)
  t.same(ring.known(token), ann)
  t.equal(spied.asked, 1, 'the second time from memory')

  const stranger = newToken()
  t.equal(await ring.identify(stranger), null)
  t.equal(await ring.identify(stranger), null)
  t.equal(ring.known(stranger), null)
  t.equal(spied.asked, 2, "that it is nobody's is remembered too")
  for (const nonsense of ['', 'pgb_', 'x'.repeat(100_000), `${token}'`]) {
    t.equal(await ring.identify(nonsense), null)
    t.equal(ring.known(nonsense), null)
  }
  t.equal(spied.asked, 2, 'what can be no token is not looked up')
})

t.test('a revoked key is refused once that is heard of', async (t) => {
  const { ring, db } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  await ring.identify(token)
  await revokeKey(db, 'ann')
  ring.forget()
  t.equal(ring.known(token), null)
  t.equal(await ring.identify(token), null)
})

t.test('a revoked key of which nothing is heard is refused a few seconds later', async (t) => {
  const { ring, spied, db } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  await ring.identify(token)
  await revokeKey(db, 'ann')
  spied.now = 4_999
  t.match(await ring.identify(token), { name: 'ann' })
  spied.now = 5_000
  t.match(ring.known(token), { name: 'ann' }, 'for fairness, who it was last will do')
  t.equal(await ring.identify(token), null)
  t.equal(ring.known(token), null)
})

t.test('a new role, and a key that nobody had heard of before, likewise', async (t) => {
  const { ring, spied, db, pool } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  await pool.query(`update pgbeat.api_keys set revoked_at = now()`)
  t.equal(await ring.identify(token), null)
  await pool.query(`update pgbeat.api_keys set revoked_at = null`)
  t.equal(await ring.identify(token), null)
  spied.now = 5_000
  t.match(await ring.identify(token), { role: 'viewer' })
  await pool.query(`update pgbeat.api_keys set role = 'admin'`)
  t.match(await ring.identify(token), { role: 'viewer' })
  spied.now = 10_000
  t.match(await ring.identify(token), { role: 'admin' })
})

t.test('a key that expires is not trusted for longer than it lasts', async (t) => {
  const { ring, spied, db, pool } = await testRing(t, { trustMs: 7_200_000 })
  const { token } = await addKey(db, 'ann')
  await pool.query(`update pgbeat.api_keys set expires_at = now() + interval '1 hour'`)
  t.match(await ring.identify(token), { name: 'ann' })
  await pool.query(`update pgbeat.api_keys set created_at = '2001-01-01', expires_at = now()`)
  spied.now = 3_000_000
  t.match(await ring.identify(token), { name: 'ann' })
  spied.now = 3_600_000
  t.equal(await ring.identify(token), null)
})

t.test('those who ask for one token at once share one look-up', async (t) => {
  const { ring, spied, db } = await testRing(t)
  const [ann, ben] = [await addKey(db, 'ann'), await addKey(db, 'ben')]
  const answers = await Promise.all([ann, ben, ann, ann, ben].map(({ token }) => ring.identify(token)))
  t.same(
    answers.map((identity) => identity?.name),
    ['ann', 'ben', 'ann', 'ann', 'ben'],
  )
  t.equal(spied.asked, 2)
  const open = await Promise.all([ring.isOpen(), ring.isOpen(), ring.isOpen()])
  t.same(open, [false, false, false])
  t.equal(spied.asked, 3)
})

t.test('what was asked before a change is not remembered after it', async (t) => {
  const { ring, spied, db } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  const [read, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  spied.beforeAnswer = () => {
    read.resolve()
    return held.promise
  }
  const before = ring.identify(token)
  await read.promise
  await revokeKey(db, 'ann')
  ring.forget()
  spied.beforeAnswer = async () => {}
  t.equal(await ring.identify(token), null, 'and who asks after it does not share that answer')
  held.resolve()
  t.match(await before, { name: 'ann' }, 'who asked before it may still come in')
  t.equal(ring.known(token), null)
  t.equal(await ring.identify(token), null)
})

t.test('strangers are remembered in bounded numbers, and push out no key', async (t) => {
  const { ring, spied, db } = await testRing(t, { size: 2 })
  const { token } = await addKey(db, 'ann')
  await ring.identify(token)
  const strangers = [newToken(), newToken(), newToken()]
  for (const stranger of strangers) await ring.identify(stranger)
  t.equal(spied.asked, 4)
  await ring.identify(token)
  await ring.identify(strangers[2] as string)
  t.equal(spied.asked, 4, 'the key and the last stranger are remembered')
  await ring.identify(strangers[0] as string)
  t.equal(spied.asked, 5, 'the first one is not')
})

t.test('open until there is a key, and never again', async (t) => {
  const { ring, spied, db } = await testRing(t)
  t.equal(await ring.isOpen(), true)
  t.equal(await ring.isOpen(), true)
  t.equal(spied.asked, 1)
  await addKey(db, 'ann')
  ring.forget()
  t.equal(await ring.isOpen(), false)
  await revokeKey(db, 'ann')
  spied.now = 5_000
  t.equal(await ring.isOpen(), false)
  t.equal(spied.asked, 3)
})

t.test('that there is a key is found out without being heard of', async (t) => {
  const { ring, spied, db } = await testRing(t)
  t.equal(await ring.isOpen(), true)
  await addKey(db, 'ann')
  spied.now = 5_000
  t.equal(await ring.isOpen(), false)
})

t.test('an error of the database goes through, lets nobody in, and is asked again', async (t) => {
  const { ring, spied, db } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  spied.beforeAnswer = () => Promise.reject(away)
  const answers = await Promise.allSettled([ring.identify(token), ring.identify(token), ring.isOpen()])
  for (const answer of answers) t.equal(answer.status === 'rejected' && answer.reason, away)
  spied.beforeAnswer = async () => {}
  t.match(await ring.identify(token), { name: 'ann' })
  t.equal(await ring.isOpen(), false)
})

t.test('while the database is away, what it said last holds', async (t) => {
  const { ring, spied, db } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  t.match(await ring.identify(token), { name: 'ann' })
  t.equal(await ring.isOpen(), false)
  spied.now = 3_600_000
  spied.beforeAnswer = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
  t.match(await ring.identify(token), { name: 'ann' })
  t.equal(await ring.isOpen(), false)
  spied.beforeAnswer = () => Promise.reject(new Error('something else'))
  await t.rejects(ring.identify(token), { message: 'something else' })
})

const lastUse = `select last_used_at is not null as used, xmin::text as version,
  extract(epoch from now() - last_used_at) as ago from pgbeat.api_keys`

t.test('the last use is written once, for any number of uses', async (t) => {
  const { ring, spied, db, row, pool } = await testRing(t)
  const { token } = await addKey(db, 'ann')
  await ring.flush()
  t.equal(spied.asked, 0, 'nothing to write')
  for (let use = 0; use < 100; use += 1) await ring.identify(token)
  t.match(await row(lastUse), { used: false }, 'a request waits for no write')
  spied.now = 1_000
  await ring.flush()
  const first = await row<{ used: boolean; version: string; ago: string }>(lastUse)
  t.equal(first.used, true)
  t.ok(Number(first.ago) >= 1, 'it tells of the use, not of the writing')
  await ring.flush()
  t.equal(spied.asked, 2, 'nothing more to write')

  await pool.query(`update pgbeat.api_keys set last_used_at = now() + interval '1 hour'`)
  const { version } = await row<{ version: string }>(lastUse)
  await ring.identify(token)
  await ring.flush()
  t.equal((await row<{ version: string }>(lastUse)).version, version, 'another process wrote it a moment ago')
})

t.test('a use that could not be written is written later', async (t) => {
  const errors: unknown[] = []
  const { ring, spied, db, row, pool } = await testRing(t, { onError: (error) => errors.push(error) })
  const { token } = await addKey(db, 'ann')
  await ring.identify(token)
  await pool.query('alter table pgbeat.api_keys rename to gone')
  await t.rejects(ring.flush(), { code: '42P01' })
  await pool.query('alter table pgbeat.gone rename to api_keys')

  const other = await pool.connect()
  await other.query('begin; select from pgbeat.api_keys for update')
  spied.now = 60_000
  await ring.flush()
  await other.query('rollback')
  other.release()
  t.match(await row(lastUse), { used: false })
  await ring.flush()
  const { used, ago } = await row<{ used: boolean; ago: string }>(lastUse)
  t.equal(used, true)
  t.ok(Number(ago) >= 60, 'with the time that it was')
  t.same(errors, [], 'flush tells its caller')
})

t.test('last uses are written in the background, and at the end', async (t) => {
  const { ring, db, row } = await testRing(t, { writeAfterMs: 0 })
  const { token } = await addKey(db, 'ann')
  await ring.identify(token)
  while (!(await row<{ used: boolean }>(lastUse)).used) await new Promise(setImmediate)

  const { ring: other, db: otherDb, row: otherRow } = await testRing(t)
  const { token: otherToken } = await addKey(otherDb, 'ann')
  await other.identify(otherToken)
  await other.stop()
  t.match(await otherRow(lastUse), { used: true })
})

t.test('what fails in the background is told, and tried again', async (t) => {
  const told = Promise.withResolvers<unknown>()
  const { ring, db, pool, row } = await testRing(t, { writeAfterMs: 0, onError: told.resolve })
  const { token } = await addKey(db, 'ann')
  await pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create trigger refuse before update on pgbeat.api_keys for each row execute function refuse()`)
  await ring.identify(token)
  t.match(await told.promise, { message: 'no' })
  await pool.query('drop trigger refuse on pgbeat.api_keys')
  while (!(await row<{ used: boolean }>(lastUse)).used) await new Promise(setImmediate)
})

t.test('no process stays for the sake of a last use', async (t) => {
  const { connectionString, db } = await testSystem(t)
  const { token } = await addKey(db, 'ann')
  const code = `
    import { KeyRing } from '../src/http/access/key-ring.ts'
    import { openPool, overPool } from '../src/store/database.ts'
    const pool = openPool({ connectionString: process.env.DATABASE_URL, applicationName: 'test' })
    const ring = new KeyRing(overPool(pool), { writeAfterMs: 1_000_000 })
    console.log((await ring.identify(process.env.TOKEN)).name)
    await pool.end()`
  const cwd = new URL('../../', import.meta.url)
  const env = { PATH: process.env.PATH, DATABASE_URL: connectionString, TOKEN: token }
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd, env })
  t.equal((await run).stdout, 'ann\n')
})
