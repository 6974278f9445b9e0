import t from 'tap'
import { toCursor, toRunKey, toScheduleKey } from '../../src/http/cursor.ts'
import { Problem } from '../../src/http/problem.ts'
import { type RunKey, type RunSort, runSorts } from '../../src/store/run-sort.ts'
import { type ScheduleKey, type ScheduleSort, scheduleSorts } from '../../src/store/schedule-listing.ts'

const at = '2030-01-02T03:04:05.678901Z'
const id = '00000000-0000-0000-0000-000000000001'

const scheduleKey = (sort: ScheduleSort): ScheduleKey => (sort.endsWith('name') ? { name: 'ä "b" 日次' } : { at, id })

function runKey(sort: RunSort): RunKey {
  if (sort === 'newest') return { id: '12', anchor: Date.UTC(2030, 0), stretch: 1 }
  return sort.endsWith('id') ? { id: '12' } : { at, id: '12' }
}

function refusalOf(read: () => unknown): Problem {
  try {
    read()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('it was taken')
}

t.test('a cursor comes back as the key that it was made of', async (t) => {
  for (const sort of scheduleSorts) {
    const cursor = toCursor(sort, scheduleKey(sort))
    t.match(cursor, /^[\w-]+$/, 'it can stand in a URL')
    t.same(toScheduleKey(sort, cursor), scheduleKey(sort), sort)
  }
  for (const sort of runSorts) t.same(toRunKey(sort, toCursor(sort, runKey(sort))), runKey(sort), sort)
})

t.test('a cursor of a list that is sorted in another way is refused', async (t) => {
  const cursor = toCursor('name', { name: 'a' })
  for (const sort of scheduleSorts.filter((sort) => sort !== 'name')) {
    const { status, code, errors } = refusalOf(() => toScheduleKey(sort, cursor))
    t.same({ status, code }, { status: 422, code: 'invalid_request' })
    t.same(errors, [{ field: 'cursor', message: `belongs to a list that is sorted by name, not ${sort}` }])
  }
})

t.test('what is no cursor is refused, whatever it is', async (t) => {
  const written = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')
  const bad: [RunSort | ScheduleSort, string][] = [
    ['name', ''],
    ['name', 'nonsense'],
    ['name', '%00'],
    ['name', toCursor('name', { name: 'a' }).slice(0, -3)],
    ...[null, 1, 'name', [], {}, { sort: 'name' }, { sort: ['name'], name: 'a' }].map((value): ['name', string] => [
      'name',
      written(value),
    ]),
    ['name', written({ sort: { toString: 1 }, name: 'a' })],
    ['name', written({ sort: 'toString', name: 'a' })],
    ['name', written({ sort: 'name', name: 7 })],
    ['name', written({ sort: 'name', name: 'a\0' })],
    ['name', written({ sort: 'name', name: 'a', more: 1 })],
    ['name', written({ sort: 'name', name: 'a'.repeat(1_001) })],
    ['created_at', written({ sort: 'created_at', at, id: 'x' })],
    ['created_at', written({ sort: 'created_at', at: '2030-13-01T00:00:00.000000Z', id })],
    ['created_at', written({ sort: 'created_at', at: '0000-01-01T00:00:00.000000Z', id })],
    ['created_at', written({ sort: 'created_at', at: 'infinity', id })],
    ['-id', written({ sort: '-id', id: 12 })],
    ['-id', written({ sort: '-id', id: '-12' })],
    ['-id', written({ sort: '-id', id: '9'.repeat(19) })],
    ['newest', written({ sort: 'newest', id: '12', anchor: 1e300, stretch: 0 })],
    ['newest', written({ sort: 'newest', id: '12', anchor: 0, stretch: 4 })],
    ['newest', written({ sort: 'newest', id: '12' })],
  ]
  const isOfRuns = (sort: string): sort is RunSort => (runSorts as readonly string[]).includes(sort)
  for (const [sort, cursor] of bad) {
    const problem = refusalOf(() => (isOfRuns(sort) ? toRunKey(sort, cursor) : toScheduleKey(sort, cursor)))
    t.match(problem, { status: 422, errors: [{ field: 'cursor' }] }, `${sort}: ${Buffer.from(cursor, 'base64url')}`)
  }
})
