import t from 'tap'
import { Batches, most } from '../../src/worker/batches.ts'

t.test('what comes together is written together, and each is given its own answer', async (t) => {
  const written: (readonly number[])[] = []
  const batches = new Batches<number, number>({
    write: async (items) => {
      written.push(items)
      return items.map((item) => item * 2)
    },
  })
  t.same(await Promise.all([1, 2, 3].map((item) => batches.add(item))), [2, 4, 6])
  t.same(written, [[1, 2, 3]])
})

t.test('a batch has its bounds, in items and in weight', async (t) => {
  const sizes: number[] = []
  const batches = new Batches<number, number>({
    weigh: (item) => item,
    write: async (items) => {
      sizes.push(items.length)
      return items
    },
  })
  await Promise.all(Array.from({ length: most.items + 1 }, () => batches.add(0)))
  t.same(sizes, [most.items, 1])
  sizes.length = 0
  await Promise.all([1, most.weight, 1].map((weight) => batches.add(weight)))
  t.same(sizes, [1, 1, 1])
})

t.test('one that is refused takes no others along', async (t) => {
  const batches = new Batches<number, string>({
    mayPass: () => false,
    write: async (items) => {
      if (items.includes(2)) throw new Error('2 is refused')
      return items.map(String)
    },
  })
  const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batches.add(item)))
  t.match(outcomes, [{ value: '1' }, { reason: { message: '2 is refused' } }, { value: '3' }])
})

t.test('what is wrong for all is asked once', async (t) => {
  let asked = 0
  const batches = new Batches<number, number>({
    mayPass: () => true,
    write: async () => {
      asked += 1
      throw new Error('Postgres is away')
    },
  })
  const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batches.add(item)))
  t.same(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  t.equal(asked, 1)
})
