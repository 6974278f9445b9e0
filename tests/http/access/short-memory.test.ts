import t from 'tap'
import { ShortMemory } from '../../../src/http/access/short-memory.ts'

t.test('an answer holds until its time is over, and can be recalled after', async (t) => {
  const memory = new ShortMemory<string>(10)
  memory.set('a', 'one', 100)
  t.equal(memory.get('a', 99), 'one')
  t.equal(memory.get('a', 100), undefined)
  t.equal(memory.recall('a'), 'one')
  memory.delete('a')
  t.equal(memory.recall('a'), undefined)
})

t.test('the one that came first makes room', async (t) => {
  const memory = new ShortMemory<number>(2)
  memory.set('a', 1, 100)
  memory.set('b', 2, 100)
  memory.set('a', 3, 100)
  memory.set('c', 4, 100)
  t.same(
    ['a', 'b', 'c'].map((question) => memory.get(question, 0)),
    [3, undefined, 4],
  )
})
