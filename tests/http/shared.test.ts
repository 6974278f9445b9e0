import t from 'tap'
import { Shared } from '../../src/http/shared.ts'

t.test('those who ask at the same time, and for a while after, share one answer', async (t) => {
  let asked = 0
  const shared = new Shared(async () => ++asked, 60_000)
  t.same(await Promise.all([shared.get(), shared.get()]), [1, 1])
  t.equal(await shared.get(), 1)
  shared.forget()
  t.equal(await shared.get(), 2)
})

t.test('an answer that is not trusted at all is asked for each time', async (t) => {
  let asked = 0
  const shared = new Shared(async () => ++asked, -1)
  t.same([await shared.get(), await shared.get()], [1, 2])
})

t.test('a failure is nobody else’s', async (t) => {
  let asked = 0
  const shared = new Shared(async () => {
    asked += 1
    if (asked === 1) throw new Error('once')
    return asked
  }, 60_000)
  await t.rejects(shared.get(), { message: 'once' })
  t.equal(await shared.get(), 2)
})
