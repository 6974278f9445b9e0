import fc from 'fast-check'
import t from 'tap'
import {
  type Bookmark,
  decodeBookmark,
  encodeBookmark,
  isUpTo,
  mostSeen,
  type Position,
  parseSnapshot,
} from '../../src/store/change-position.ts'
import { ChangeWindow, longestOpenMs } from '../../src/store/change-window.ts'
import { testDatabase } from '../support/database.ts'

const distinct = (ids: readonly bigint[]) => [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1))

const position: fc.Arbitrary<Position> = fc
  .record({
    xmin: fc.bigInt(0n, 2n ** 62n),
    range: fc.bigInt(0n, 100_000n),
    xip: fc.array(fc.bigInt(0n, 100_000n), { maxLength: 20 }),
    seen: fc.array(fc.bigInt(0n, 100_000n), { maxLength: mostSeen }),
    at: fc.nat(2 ** 42),
    runId: fc.bigInt(0n, 2n ** 63n - 1n),
  })
  .map(({ xmin, range, xip, seen, at, runId }) => ({
    source: 'here',
    snapshot: { xmin, xmax: xmin + range, xip: distinct(xip.map((id) => xmin + id)) },
    seen: distinct(seen.map((id) => xmin + id)),
    since: { at, runId },
  }))

const bookmark: fc.Arbitrary<Bookmark> = fc
  .tuple(
    position,
    position,
    fc.constantFrom('schedule' as const, 'run' as const),
    fc.bigInt(0n, 2n ** 63n - 1n),
    fc.boolean(),
  )
  .map(([from, until, kind, id, isWithin]) =>
    isWithin ? { position: from, within: { until, after: { kind, id } } } : { position: from },
  )

t.test('a bookmark comes back as it was, from one word', async (t) => {
  fc.assert(
    fc.property(bookmark, (bookmark) => {
      const text = encodeBookmark(bookmark)
      t.match(text, /^[\w-]+$/, { diagnostic: false })
      t.strictSame(decodeBookmark(text), bookmark)
    }),
    { numRuns: 50 },
  )
})

t.test('what is no bookmark is none', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String()),
      (text) => decodeBookmark(text) === null,
    ),
  )
  fc.assert(fc.property(fc.json(), (json) => decodeBookmark(Buffer.from(json).toString('base64url')) === null))
  t.pass()
})

t.test('a position is up to a snapshot when none of its transactions is younger', async (t) => {
  const at = (xmin: bigint, xmax: bigint, xip: bigint[] = [], seen: bigint[] = []): Position => ({
    source: 'here',
    snapshot: { xmin, xmax, xip },
    seen,
    since: { at: 0, runId: 0n },
  })
  const later = parseSnapshot('5:20:5')
  t.ok(isUpTo(at(10n, 20n, [10n, 19n], [11n, 19n]), later))
  t.ok(isUpTo(at(20n, 20n), later))
  t.notOk(isUpTo(at(10n, 21n), later))
  t.notOk(isUpTo(at(12n, 11n), later))
  t.notOk(isUpTo(at(10n, 20n, [20n]), later))
  t.notOk(isUpTo(at(10n, 20n, [], [20n]), later))
})

t.test('a snapshot is read from its text', async (t) => {
  t.same(parseSnapshot('810:810:'), { xmin: 810n, xmax: 810n, xip: [] })
  t.same(parseSnapshot('8589934592:8589934600:8589934592,8589934595'), {
    xmin: 8589934592n,
    xmax: 8589934600n,
    xip: [8589934592n, 8589934595n],
  })
})

t.test('the whole id of a transaction is the greatest below a bound', async (t) => {
  const { pool } = await testDatabase(t)
  const full = async (xid: bigint, bound: bigint) => {
    const { rows } = await pool.query('select pgbeat.full_xid($1::text::xid, $2) as id', [`${xid}`, `${bound}`])
    return BigInt(rows[0].id)
  }
  const epoch = 2n ** 32n
  t.equal(await full(700n, 701n), 700n)
  t.equal(await full(700n, epoch + 701n), epoch + 700n)
  t.equal(await full(700n, epoch + 700n), 700n, 'none from the bound on')
  t.equal(await full(epoch - 1n, epoch + 5n), epoch - 1n, 'before the numbers began anew')
  t.equal(await full(4n, epoch + 5n), epoch + 4n)
  t.equal(await full(epoch - 1n, 3n * epoch), 3n * epoch - 1n)
  t.equal(await full(2n, 3n * epoch), 0n, 'frozen')
  t.equal(await full(700n, 600n), 0n, 'nonsense')
  await pool.query('create table written (n integer)')
  const { rows } = await pool.query<{ whole: string; xmin: string }>(`
    with w as (insert into written values (1) returning pg_current_xact_id()::text::bigint as id)
    select id::text as whole, pgbeat.full_xid(id::text::xid, id + 1)::text as xmin from w`)
  t.equal(rows[0]?.xmin, rows[0]?.whole)
})

t.test('how far back to look', async (t) => {
  const moment = (at: number, xmin: bigint, xmax: bigint) => ({
    source: 'here',
    snapshot: { xmin, xmax, xip: [] },
    at: 1_000_000 + at,
    lastRunId: BigInt(10_000 + at),
  })
  const since = (at: number) => ({ at: 1_000_000 + at, runId: BigInt(10_000 + at) })
  const window = new ChangeWindow(moment(0, 100n, 100n), 0)
  const start = { at: 1_000_000 - longestOpenMs, runId: 9_000n }
  t.same(window.after(moment(0, 100n, 100n), 0), start, 'nothing is known of before')
  t.same(window.after(moment(1_000, 110n, 110n), 1_000), start)
  t.same(window.after(moment(2_000, 120n, 120n), 2_000), since(0), 'two seconds, when no transaction is open')
  t.same(window.after(moment(5_000, 130n, 130n), 5_000), since(2_000))
  t.same(window.after(moment(20_000, 131n, 140n), 20_000), since(2_000), 'until before the open one began')
  t.same(window.after(moment(40_000, 131n, 150n), 40_000), since(2_000))
  t.same(window.after(moment(90_000, 131n, 160n), 90_000), since(20_000), 'no longer than a minute')
  t.same(window.after(moment(91_000, 170n, 170n), 91_000), since(40_000))
  t.same(window.after(moment(93_000, 180n, 180n), 93_000), since(91_000))
})
