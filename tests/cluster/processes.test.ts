import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { isAlive } from '../../src/dev/postgres/alive.ts'
import { testDatabase } from '../support/database.ts'
import { Process } from './processes.ts'

t.test('a process that is killed is over, and is another one after a restart', async (t) => {
  const { connectionString } = await testDatabase(t)
  const tick = new Process({ program: 'tick', connectionString })
  t.teardown(() => tick.kill())
  await tick.logged(({ msg }) => msg === 'this tick leads')
  const { pid } = tick
  const never = t.rejects(
    tick.next(({ msg }) => msg === 'never'),
    /SIGKILL/,
  )
  t.same(await tick.kill(), { code: null, signal: 'SIGKILL' })
  await never
  t.equal(tick.isAlive, false)
  await tick.restart()
  t.not(tick.pid, pid)
  await tick.logged(({ msg }) => msg === 'this tick leads')
  t.same(await tick.kill('SIGTERM'), { code: 0, signal: null })
})

t.test('a frozen leader is replaced, and stands by once it is thawed', async (t) => {
  const { connectionString } = await testDatabase(t)
  const frozen = new Process({ program: 'tick', connectionString })
  t.teardown(() => frozen.kill())
  await frozen.logged(({ msg }) => msg === 'this tick leads')
  frozen.freeze()
  const other = new Process({ program: 'tick', connectionString })
  t.teardown(() => other.kill())
  await other.logged(({ msg }) => msg === 'this tick leads')
  const left = frozen.next(({ msg }) => msg === 'this tick leads no more')
  frozen.thaw()
  await left
  t.equal(frozen.isAlive, true)
})

t.test('nothing is left behind by a test that is killed', async (t) => {
  const { connectionString } = await testDatabase(t)
  const processes = new URL('./processes.ts', import.meta.url).href
  const script = `
    const { Process } = await import('${processes}')
    const tick = new Process({ program: 'tick', connectionString: '${connectionString}' })
    await tick.logged(({ msg }) => msg === 'this tick leads')
    console.log(tick.pid)`
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script])
  const pid = Number((await once(parent.stdout, 'data'))[0])
  t.equal(isAlive(pid), true)
  parent.kill('SIGKILL')
  while (isAlive(pid)) {}
  t.pass('it ended with its parent')
})
