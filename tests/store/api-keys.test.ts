import t from 'tap'
import { hashOf } from '../../src/http/access/api-token.ts'
import { createKey, findKeyByHash, hasKeys, listKeys, revokeKey, touchKeys } from '../../src/store/api-keys.ts'
import { asActor } from '../../src/store/as-actor.ts'
import { addKey } from '../support/api-keys.ts'
import { testSystem } from '../support/system.ts'

t.test('a key is found by the hash of its token, and nothing of the token but its beginning is kept', async (t) => {
  const { db, row } = await testSystem(t)
  const { token, key } = await addKey(db, 'ann', 'operator')
  t.match(key, { name: 'ann', role: 'operator', status: 'active', last_used_at: null, expires_at: null })
  t.equal(key.prefix, token.slice(0, 12))
  t.notOk('hash' in key)
  const { id } = key
  t.same(await findKeyByHash(db, hashOf(token)), { id, name: 'ann', role: 'operator', expiresInMs: null })
  t.equal(await findKeyByHash(db, hashOf(`${token}x`)), null)

  const stored = await row<{ text: string; bytes: Buffer }>(
    `select row_to_json(k)::text as text, hash as bytes from pgbeat.api_keys k`,
  )
  const secret = token.slice(12)
  t.notOk(stored.text.includes(secret))
  t.notOk(stored.text.includes(Buffer.from(token).toString('hex')))
  t.same(stored.bytes, hashOf(token))
})

t.test('a key says who created it', async (t) => {
  const { db, row } = await testSystem(t)
  const { user } = await row<{ user: string }>('select session_user as user')
  t.equal((await addKey(db, 'by the database user')).key.created_by, user)
  const byAnn = await asActor(db, { name: 'ann' }, (trx) => addKey(trx, 'by ann'))
  t.equal(byAnn.key.created_by, 'ann')
})

t.test('names are unique, those of revoked keys included', async (t) => {
  const { db } = await testSystem(t)
  await addKey(db, 'ann')
  await revokeKey(db, 'ann')
  await t.rejects(addKey(db, 'ann'), { name: 'NameTaken', subject: 'api_key', column: 'name' })
  await t.rejects(addKey(db, ' '), { name: 'Refused', column: 'name' })
  const expired = { name: 'late', role: 'viewer', hash: hashOf('late'), prefix: 'pgb_latelate' } as const
  await t.rejects(createKey(db, { ...expired, expiresAt: '2001-01-01T00:00:00Z' }), {
    name: 'Refused',
    column: 'expires_at',
  })
})

t.test('a revoked key is found no more, by id or by name', async (t) => {
  const { db } = await testSystem(t)
  const [ann, ben] = [await addKey(db, 'ann'), await addKey(db, 'ben')]
  const revoked = await revokeKey(db, 'ann')
  t.match(revoked, { name: 'ann', status: 'revoked', revoked_at: Date })
  t.equal(await findKeyByHash(db, hashOf(ann.token)), null)
  t.match(await findKeyByHash(db, hashOf(ben.token)), { name: 'ben' })
  t.same(await revokeKey(db, ann.key.id), revoked, 'since when, stays')
  t.match(await revokeKey(db, ben.key.id.toUpperCase()), { name: 'ben', status: 'revoked' })
  t.equal(await revokeKey(db, 'nobody'), null)
})

t.test("a key expires by the database's clock", async (t) => {
  const { db, pool } = await testSystem(t)
  const { token } = await addKey(db, 'ann')
  await pool.query(`update pgbeat.api_keys set expires_at = now() + interval '1 hour'`)
  const found = await findKeyByHash(db, hashOf(token))
  const expiresInMs = found?.expiresInMs ?? 0
  t.ok(expiresInMs > 0 && expiresInMs <= 3_600_000)
  await pool.query(`update pgbeat.api_keys set created_at = now() - interval '2 hours', expires_at = now()`)
  t.equal(await findKeyByHash(db, hashOf(token)), null)
  t.match(await listKeys(db), [{ name: 'ann', status: 'expired' }])
})

t.test('there have been keys even when all are revoked', async (t) => {
  const { db, pool } = await testSystem(t)
  t.equal(await hasKeys(db), false)
  await addKey(db, 'ann')
  t.equal(await hasKeys(db), true)
  await revokeKey(db, 'ann')
  t.equal(await hasKeys(db), true)
  await pool.query('delete from pgbeat.api_keys')
  t.equal(await hasKeys(db), false)
})

t.test('keys are listed in the order of their creation, with what became of them', async (t) => {
  const { db } = await testSystem(t)
  t.same(await listKeys(db), [])
  await addKey(db, 'zoe')
  await addKey(db, 'ann')
  await revokeKey(db, 'zoe')
  const listed = await listKeys(db)
  t.match(listed, [
    { name: 'zoe', status: 'revoked' },
    { name: 'ann', status: 'active' },
  ])
  t.notOk(listed.some((key) => 'hash' in key))
})

t.test('last uses are written for many keys at once, to the minute, and never back', async (t) => {
  const { db, pool } = await testSystem(t)
  const names = ['new', 'old', 'recent', 'untouched']
  const ids = new Map<string, string>()
  for (const name of names) ids.set(name, (await addKey(db, name)).key.id)
  await pool.query(`update pgbeat.api_keys set last_used_at = '2001-01-01Z' where name in ('old', 'untouched')`)
  await pool.query(`update pgbeat.api_keys set last_used_at = now() + interval '1 hour' where name = 'recent'`)
  const lastUses = async () => {
    const { rows } = await pool.query<{ name: string; ago: string | null }>(`
      select name, date_part('year', last_used_at) = 2001 as old, last_used_at > now() as future,
        last_used_at between now() - interval '2 hours' and now() - interval '1 hour' as hour_ago
      from pgbeat.api_keys order by name`)
    return rows
  }
  const uses = ['new', 'old', 'recent'].map((name) => ({ keyId: ids.get(name) as string, agoMs: 3_600_000 }))
  const deleted = { keyId: '00000000-0000-4000-8000-000000000000', agoMs: 0 }
  t.same(await touchKeys(db, [...uses, deleted]), [], 'nothing is left')
  t.same(await lastUses(), [
    { name: 'new', old: false, future: false, hour_ago: true },
    { name: 'old', old: false, future: false, hour_ago: true },
    { name: 'recent', old: false, future: true, hour_ago: false },
    { name: 'untouched', old: true, future: false, hour_ago: false },
  ])
  t.same(await touchKeys(db, []), [])
})

t.test('a key that somebody has locked is not waited for: its use is for another time', async (t) => {
  const { db, pool, row } = await testSystem(t)
  const [ann, ben] = [await addKey(db, 'ann'), await addKey(db, 'ben')]
  const use = (key: { id: string }) => ({ keyId: key.id, agoMs: 1_500 })
  const other = await pool.connect()
  await other.query(`begin; update pgbeat.api_keys set role = 'admin' where name = 'ann'`)
  t.same(await touchKeys(db, [use(ann.key), use(ben.key)]), [use(ann.key)])
  await other.query('commit')
  other.release()
  t.same(await touchKeys(db, [use(ann.key)]), [])
  const used = 'select bool_and(last_used_at is not null) as all from pgbeat.api_keys'
  t.same(await row(used), { all: true })
})
