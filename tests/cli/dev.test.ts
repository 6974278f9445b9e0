import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runPgbeat } from './pgbeat.ts'

const dev = fileURLToPath(new URL('../../bin/dev', import.meta.url))

t.test("the stand-in is a server of its own, where the API's variables say", async (t) => {
  const child = spawn(dev, ['stand-in'], { env: { PATH: process.env.PATH, PGBEAT_PORT: '0' } })
  t.teardown(() => child.kill('SIGKILL'))
  const told: Record<string, string> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = '', value = ''] = line.split('=')
    told[name] = value
    if (name.endsWith('_PER_MINUTE')) break
  }
  const url = Object.values(told).find((value) => value.startsWith('http://127.0.0.1:'))
  const { status } = await fetch(`${url}/v2/equities/master?code=1301`, { headers: { 'x-api-key': 'demo-key' } })
  t.equal(status, 200)
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})

t.test('a command is watched, and ends when it is told to', async (t) => {
  const env = { PATH: process.env.PATH, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  const child = spawn(dev, ['tick'], { env })
  t.teardown(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) if (/ECONNREFUSED/.test(line)) break
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})

t.test('says what there is', async (t) => {
  for (const args of [[], ['migrate'], ['tick', 'twice']]) {
    t.match(await runPgbeat(['dev', ...args]), {
      code: 2,
      stderr: /^pgbeat: use one of\n {2}dev tick \| worker \| api\n/,
    })
  }
})
