import { randomBytes } from 'node:crypto'
import type { KyselyPlugin } from 'kysely'
import t from 'tap'
import { overPool } from '../../src/store/database.ts'
import { claimKey } from '../../src/store/idempotency-keys.ts'
import { testDatabase } from '../support/database.ts'

t.test('a key that is forgotten just while it is used again is free', async (t) => {
  const { pool } = await testDatabase(t)
  const claim = { caller: 'api', key: 'one', fingerprint: randomBytes(32) }
  t.equal(await claimKey(overPool(pool), claim), null)
  let answers = 0
  const forgottenAfterTheFirstAnswer: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      answers += 1
      if (answers === 1) await pool.query('delete from pgbeat.idempotency_keys')
      return result
    },
  }
  t.equal(await claimKey(overPool(pool).withPlugin(forgottenAfterTheFirstAnswer), claim), null)
  t.match(await claimKey(overPool(pool), claim), { fingerprint: claim.fingerprint })
})
