import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { isAlive } from '../../src/dev/postgres/alive.ts'
import { testDatabase } from './database.ts'
import { startProcess } from './process.ts'

t.test('a process that is killed is over, and is another one after a restart', async (t) => {
  const { connectionString } = await testDatabase(t)
  const tick = startProcess(t, 'tick', connectionString)
  await tick.logged('this tick leads')
  const { pid } = tick
  const never = t.rejects(tick.next('never'), /SIGKILL/)
  t.same(await tick.kill(), { code: null, signal: 'SIGKILL' })
  await never
  t.equal(tick.isAlive, false)
  await tick.restart()
  t.not(tick.pid, pid)
  await tick.logged('this tick leads')
  t.same(await tick.kill('SIGTERM'), { code: 0, signal: null })
})

t.test('a frozen leader is replaced, and stands by once it is thawed', async (t) => {
  const { connectionString } = await testDatabase(t)
  const frozen = startProcess(t, 'tick', connectionString)
  await frozen.logged('this tick leads')
  frozen.freeze()
  const other = startProcess(t, 'tick', connectionString)
  await other.logged('this tick leads')
  const left = frozen.next('this tick leads no more')
  frozen.thaw()
  await left
  t.equal(frozen.isAlive, true)
})

t.test('nothing is left behind by a test that is killed', async (t) => {
  const { connectionString } = await testDatabase(t)
  const processes = new URL('./process.ts', import.meta.url).href
  const script = `
    const { Process } = await import('${processes}')
    const tick = new Process({ program: 'tick', connectionString: '${connectionString}' })
    await tick.logged('this tick leads')
    console.log(tick.pid)`
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script])
  const pid = Number((await once(parent.stdout, 'data'))[0])
  t.equal(isAlive(pid), true)
  parent.kill('SIGKILL')
  while (isAlive(pid)) {}
  t.pass('it ended with its parent')
})
