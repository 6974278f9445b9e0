import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { testDatabase } from '../support/database.ts'
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

// A worker is started, and its files are read three times.
t.setTimeout(90_000)

t.test('a worker reads a file with a task anew, and goes on with the last good one', async (t) => {
  const { connectionString } = await testDatabase(t)
  const folder = await mkdtemp(join(tmpdir(), 'pgbeat-tasks-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const write = (description: string) => writeFile(join(folder, 'a.ts'), source(description))
  await write("'one'")
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: connectionString,
    PGBEAT_TASKS: folder,
    PGBEAT_LOG_FORMAT: 'json',
  }
  const child = spawn(dev, ['worker'], { env })
  t.teardown(() => child.kill('SIGKILL'))
  const told: { pid: number; msg: string }[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    // What is no JSON would be Node's, telling of a new start.
    const { pid, msg } = line.startsWith('{') ? JSON.parse(line) : { pid: 0, msg: line }
    told.push({ pid, msg })
    if (msg === 'worker started' && told.filter((one) => one.msg === msg).length === 1)
      await write("'two' 'and a half'")
    if (/SyntaxError/.test(msg)) await write("'three'")
    if (msg === 'tasks read anew' && told.some((one) => /SyntaxError/.test(one.msg))) {
      if (told.filter((one) => one.msg === msg).length === 2) break
    }
  }
  t.equal(new Set(told.map(({ pid }) => pid)).size, 1, 'one process from beginning to end')
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})

function source(description: string): string {
  return `import { defineTask } from 'pgbeat'
import { z } from 'zod'
export default defineTask({ name: 'a', description: ${description}, payload: z.any(), run: async () => 1 })
`
}

t.test('says what there is', async (t) => {
  const mistakes: [string[], RegExp][] = [
    [[], /^Usage: pgbeat dev <command>\n[\s\S]*\n {2}tick +start the tick anew[\s\S]*\n {2}stand-in /],
    [['migrate'], /there is no command dev migrate; there are tick, worker, api, stand-in/],
    [['tick', 'twice'], /it takes no arguments, but was given twice/],
  ]
  for (const [args, stderr] of mistakes) t.match(await runPgbeat(['dev', ...args]), { code: 2, stderr })
})
