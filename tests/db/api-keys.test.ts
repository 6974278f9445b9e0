import type pg from 'pg'
import t from 'tap'
import { apiKeysChannel } from '../../src/store/api-keys.ts'
import { testDatabase } from '../support/database.ts'

const insert = `insert into pgbeat.api_keys (name, role, hash, prefix)
  select name, 'viewer', sha256(name::bytea), 'pgb_abcdefgh' from unnest($1::text[]) name`

t.test('a statement that changes keys sends one notification, a last use sends none', async (t) => {
  const { pool } = await testDatabase(t)
  const client = await pool.connect()
  const heard: (string | undefined)[] = []
  client.on('notification', ({ payload }) => heard.push(payload))
  await client.query(`listen ${apiKeysChannel}`)
  const heardOf = async (statement: string, values?: unknown[]) => {
    heard.length = 0
    // What a session sends itself has arrived when the statement is answered.
    await client.query(statement, values)
    return [...heard]
  }
  const set = (assignment: string) => heardOf(`update pgbeat.api_keys set ${assignment} where name = 'a'`)
  t.same(await heardOf(insert, [['a', 'b']]), ['insert'])
  t.same(await set(`last_used_at = now()`), [])
  t.same(await set(`role = 'admin'`), ['update'])
  t.same(await set(`expires_at = now() + interval '1 day'`), ['update'])
  t.same(await set(`revoked_at = now()`), ['update'])
  t.same(await set(`name = 'c'`), ['update'])
  t.same(await heardOf(`delete from pgbeat.api_keys where name = 'b'`), ['delete'])
  t.same(await heardOf('truncate pgbeat.api_keys'), ['truncate'])
  client.release()
})

t.test('what can be no key is refused, and so is a token where only its hash and its beginning belong', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(insert, [['a']])
  const token = `pgb_${'x'.repeat(43)}`
  const wrong: [assignment: string, constraint: string][] = [
    [`prefix = '${token}'`, 'api_keys_prefix_check'],
    [`hash = '${token}'`, 'api_keys_hash_check'],
    [`role = 'root'`, 'api_keys_role_check'],
    [`name = ''`, 'api_keys_name_check'],
    [`name = ' a'`, 'api_keys_name_check'],
    [`name = E'a\\nb'`, 'api_keys_name_check'],
    [`name = id::text`, 'api_keys_name_check'],
    [`name = repeat('a', 201)`, 'api_keys_name_check'],
    [`expires_at = created_at`, 'api_keys_expires_later'],
    [`expires_at = 'infinity'`, 'api_keys_expires_later'],
  ]
  const refusedBy = (statement: string) =>
    pool.query(statement).then(
      () => 'nothing',
      ({ constraint }: pg.DatabaseError) => constraint,
    )
  for (const [assignment, constraint] of wrong) {
    t.equal(await refusedBy(`update pgbeat.api_keys set ${assignment}`), constraint, assignment)
  }
  const edge = `update pgbeat.api_keys set name = repeat('é', 200), expires_at = now() + interval '1 s'`
  t.equal(await refusedBy(edge), 'nothing')
  const twin = `insert into pgbeat.api_keys (name, role, hash, prefix)
    select 'twin', 'viewer', hash, prefix from pgbeat.api_keys`
  t.equal(await refusedBy(twin), 'api_keys_hash_key')
})
