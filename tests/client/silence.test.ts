import { mock } from 'node:test'
import t from 'tap'
import { Silence } from '../../src/client/silence.ts'

t.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
t.afterEach(() => mock.timers.reset())

t.test('it is silent for too long when nothing passed', async (t) => {
  const silence = new Silence(45)
  mock.timers.tick(44)
  t.notOk(silence.tooLong.aborted)
  mock.timers.tick(1)
  t.ok(silence.tooLong.aborted)
})

t.test('each piece is a sign of life, and comes through', async (t) => {
  const silence = new Silence(45)
  const { readable, writable } = silence.watched<string>()
  const writer = writable.getWriter()
  const reader = readable.getReader()
  for (const piece of ['a', 'b', 'c']) {
    mock.timers.tick(40)
    writer.write(piece)
    t.equal((await reader.read()).value, piece)
  }
  t.notOk(silence.tooLong.aborted)
  mock.timers.tick(45)
  t.ok(silence.tooLong.aborted)
})

t.test('nobody misses anything while nobody listens', async (t) => {
  const silence = new Silence(45)
  const { readable, writable } = silence.watched<string>()
  silence.pause()
  writable.getWriter().write('a')
  await readable.getReader().read()
  mock.timers.tick(1_000)
  t.notOk(silence.tooLong.aborted)
  silence.listen()
  mock.timers.tick(45)
  t.ok(silence.tooLong.aborted)
})
