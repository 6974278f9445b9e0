import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { TaskFiles } from '../../src/tasks/files/task-files.ts'
import { runTask } from '../../src/testing/run-task.ts'

const template = fileURLToPath(new URL('../../templates/task/', import.meta.url))

t.test("the template's own test passes", async (t) => {
  const child = spawn(
    process.execPath,
    ['--conditions=pgbeat-source', '--test', '--test-reporter=tap', '**/*.test.ts'],
    {
      cwd: template,
      // Without what tells it that it is run by a test.
      env: { PATH: process.env.PATH },
    },
  )
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  t.equal(code, 0, output)
  t.match(output, /^# pass 4$/m)
})

t.test('a copy of it anywhere is a folder with one task', async (t) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pgbeat-tasks-')))
  t.teardown(() => rm(folder, { recursive: true }))
  await cp(template, folder, { recursive: true })
  const { tasks, problems } = await new TaskFiles(folder).read()
  t.same(problems, [])
  const greet = tasks.find(({ name }) => name === 'greet')
  t.match(greet && (await runTask(greet, { names: ['Ada'], greeting: 'Hi' })), { result: { greetings: ['Hi, Ada!'] } })
})
