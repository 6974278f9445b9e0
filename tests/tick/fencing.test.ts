import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { nextEvent } from '../support/events.ts'
import { testSystem } from '../support/system.ts'

const tickProcess = fileURLToPath(new URL('../../bin/tick', import.meta.url))

t.test('a frozen leader loses its session to a standby, and steps down when it wakes', async (t) => {
  const system = await testSystem(t)
  const { PGBEAT_TEST_SERVER, ...environment } = process.env
  const frozen = spawn(tickProcess, { env: { ...environment, DATABASE_URL: system.connectionString } })
  t.teardown(() => frozen.kill('SIGKILL'))
  const lines = createInterface(frozen.stdout)
  const said = async (text: string) => {
    for (;;) {
      const [line] = await once(lines, 'line')
      if (line.includes(text)) return
    }
  }
  await said('this tick leads')
  frozen.kill('SIGSTOP')
  const frozenAt = performance.now()
  const fenced = nextEvent(system.events, 'leader:fenced')
  const elected = nextEvent(system.events, 'leader:elected')
  const fired = nextEvent(system.events, 'tick:fired')
  system.startTick()
  await system.pool.query(`insert into pgbeat.schedules (task_name, cron_expression) values ('echo', '* * * * * *')`)
  await fenced
  t.equal((await elected).term, 2)
  await fired
  t.ok(performance.now() - frozenAt < 15_000)
  frozen.kill('SIGCONT')
  await said('this tick leads no more')
})
