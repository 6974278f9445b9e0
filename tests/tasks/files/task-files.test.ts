import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { PermanentError } from '../../../src/errors.ts'
import type { Task } from '../../../src/task.ts'
import { TaskFiles } from '../../../src/tasks/files/task-files.ts'
import { builtInTasks } from '../../../src/tasks/index.ts'
import { runTask } from '../../../src/testing/run-task.ts'

/** A folder of the test's own, far from any node_modules. */
async function folderWith(t: Test, files: Record<string, string>) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pgbeat-tasks-')))
  t.teardown(() => rm(folder, { recursive: true }))
  const write = async (changed: Record<string, string>) => {
    for (const [name, text] of Object.entries(changed)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
  }
  await write(files)
  return { folder, write, remove: (name: string) => rm(join(folder, name)) }
}

const source = (name: string, result = "'done'", more = '') => `
import { defineTask } from 'pgbeat'
import { z } from 'zod'
${more}
export default defineTask({ name: '${name}', description: 'd', payload: z.object({}), run: async () => ${result} })
`

/** Those that do not come with pgbeat. */
async function own(files: TaskFiles): Promise<Task[]> {
  return (await files.readAll()).filter((task) => !builtInTasks.includes(task))
}

t.test('without a folder there are the built-in tasks', async (t) => {
  for (const setting of [undefined, '', ' , ']) t.same(await new TaskFiles(setting).readAll(), builtInTasks)
})

t.test('a file is a task, in TypeScript or JavaScript, in folders below and in several', async (t) => {
  const one = await folderWith(t, {
    'a.ts': `${source('a')}\nconst typed: number = 1\n`,
    'deep/er/b.mts': source('b'),
    'c.js': source('c'),
    'd.mjs': source('d'),
    'old.js': `const { defineTask } = require('pgbeat'); const { z } = require('zod')
      module.exports = defineTask({ name: 'old', description: '', payload: z.any(), run: async () => 1 })`,
    ...Object.fromEntries(
      [
        '_helper.ts',
        '.hidden.ts',
        '_lib/x.ts',
        '.git/x.ts',
        'node_modules/p/i.js',
        'a.test.ts',
        'a.spec.js',
        'a.d.ts',
      ].map((name) => [name, 'throw new Error("not to be read")']),
    ),
    'README.md': '',
  })
  const two = await folderWith(t, { 'e.ts': source('e') })
  const tasks = await own(new TaskFiles(`${one.folder}, ${two.folder},${one.folder}`))
  t.same(
    tasks.map(({ name }) => name),
    ['a', 'c', 'd', 'b', 'old', 'e'],
  )
  for (const task of tasks) t.same((await runTask(task, {})).result, task.name === 'old' ? 1 : 'done')
})

t.test('pgbeat is the one that runs the task, so that its errors are known', async (t) => {
  const more = `import { PermanentError } from 'pgbeat'\nimport './_helper.ts'`
  const { folder } = await folderWith(t, {
    'a.ts': source('a', "{ throw new PermanentError('gone', 'gone') }", more),
    '_helper.ts': `import { runTask } from 'pgbeat/testing'\nif (!runTask) throw new Error()`,
  })
  const [task] = await own(new TaskFiles(folder))
  await t.rejects(runTask(task as Task, {}), new PermanentError('gone', 'gone'))
  const error = await runTask(task as Task, {}).catch((error) => error)
  t.type(error, PermanentError)
})

t.test('says of each file what is wrong with it, and where', async (t) => {
  const wrong: Record<string, [string, RegExp]> = {
    'none.ts': ['export const task = 1', /none\.ts: has no default export; .* begins with _$/],
    'text.ts': [`export default 'x'`, /text\.ts: its default export is not a task: it is no object$/],
    'name.ts': [source('a b'), /name\.ts: .*not a task: name must be letters/],
    'run.js': ['export default { name: "x", description: "", payload: {} }', /run\.js: .*run must be a function$/],
    'zod.js': ['export default { name: "x", description: "", payload: {}, run() {} }', /zod\.js: .*a schema of zod 4$/],
    'syntax.ts': ['export default {\n  a: 1\n  b: 2\n}', /syntax\.ts:3: SyntaxError: Expected ','/],
    'syntax.js': ['\n\nexport default {\n  a: 1\n  b: 2\n}', /syntax\.js:5: SyntaxError: Unexpected identifier 'b'$/],
    'enum.ts': ['\nenum A { B }', /enum\.ts:2: SyntaxError: TypeScript enum is not supported/],
    'throws.ts': ['const a = 1\nthrow new Error("no key")', /throws\.ts:2: Error: no key$/],
    'missing.ts': [`import x from './nowhere.ts'`, /missing\.ts: Error: Cannot find module '.*nowhere.ts'/],
    'package.ts': [`import x from 'no-such-package'`, /package\.ts: Error: Cannot find package 'no-such-package'/],
    'export.ts': [`\nimport { nothing } from 'node:path'`, /export\.ts:2: SyntaxError: .* an export named 'nothing'$/],
    'helped.ts': [`import './_broken.ts'`, /_broken\.ts:1: SyntaxError/],
    'echo.ts': [source('echo'), /echo\.ts: its task is called echo, as is a task that comes with pgbeat$/],
    'twice.ts': [source('good'), /twice\.ts: its task is called good, as is that of .*good\.ts$/],
  }
  const { folder } = await folderWith(t, {
    'good.ts': source('good'),
    '_broken.ts': 'const =',
    ...Object.fromEntries(Object.entries(wrong).map(([name, [text]]) => [name, text])),
  })
  const { tasks, problems } = await new TaskFiles(`${folder},${folder}/nowhere,${folder}/good.ts`).read()
  t.same(
    tasks.map(({ name }) => name),
    [...builtInTasks.map(({ name }) => name), 'good'],
  )
  for (const [name, [, message]] of Object.entries(wrong))
    t.ok(
      problems.some((problem) => message.test(problem)),
      name,
    )
  t.ok(problems.some((problem) => /nowhere is no folder$/.test(problem)))
  t.ok(problems.some((problem) => /good\.ts is no folder$/.test(problem)))
  t.equal(problems.length, Object.keys(wrong).length + 2, problems.join('\n'))
  await t.rejects(new TaskFiles(folder).readAll(), { name: 'ConfigError', message: /^PGBEAT_TASKS: .*echo\.ts: / })
})

t.test('reads files anew, and what they import; of one that breaks the last good task stays', async (t) => {
  const { folder, write, remove } = await folderWith(t, {
    'a.ts': source('a', 'text', `import { text } from './_text.ts'`),
    '_text.ts': `export const text = 'one'`,
    'old.js': `const { z } = require('zod')
      module.exports = { name: 'old', description: '', payload: z.any(), run: async () => 'one' }`,
  })
  const files = new TaskFiles(folder)
  const results = async () => {
    const { tasks, problems } = await files.read()
    const outcomes = tasks
      .filter((task) => !builtInTasks.includes(task))
      .map(async (task) => [task.name, (await runTask(task, {})).result])
    return { results: Object.fromEntries(await Promise.all(outcomes)), problems }
  }
  t.same(await results(), { results: { a: 'one', old: 'one' }, problems: [] })
  await write({
    '_text.ts': `export const text = 'two'`,
    'old.js': `const { z } = require('zod')
      module.exports = { name: 'old', description: '', payload: z.any(), run: async () => 'two' }`,
    'b.ts': source('b'),
  })
  t.same(await results(), { results: { a: 'two', old: 'two', b: 'done' }, problems: [] })
  await write({ 'a.ts': 'export default {' })
  t.match(await results(), { results: { a: 'two', old: 'two', b: 'done' }, problems: [/a\.ts:1: SyntaxError/] })
  await remove('b.ts')
  await write({ 'a.ts': source('a', "'three'") })
  t.same(await results(), { results: { a: 'three', old: 'two' }, problems: [] })
})
