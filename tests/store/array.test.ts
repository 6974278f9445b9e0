import t from 'tap'
import { arrayOf } from '../../src/store/array.ts'
import { testDatabase } from '../support/database.ts'

t.test('an array has the elements that were given, whatever they are', async (t) => {
  const { pool } = await testDatabase(t, { empty: true })
  const given = [
    'plain',
    '1,2',
    '{}',
    '"quoted"',
    'back\\slash',
    '',
    'null',
    'NULL',
    ' blank ',
    'line\nbreak',
    '(0,1)',
    'ü',
    null,
  ]
  const { rows } = await pool.query('select $1::text[] as found', [arrayOf(given, (text) => text)])
  t.same(rows[0].found, given)
  const instants = ['2026-11-22T07:00:00.123456+00:00', '2026-11-22 07:00:00+00', 'infinity']
  const { rows: read } = await pool.query('select $1::timestamptz[] = $2::timestamptz[] as same', [
    arrayOf(instants, (instant) => instant),
    instants,
  ])
  t.same(read, [{ same: true }])
})
