import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { httpRequestPayload } from '../../src/tasks/http/payload.ts'
import { builtInTasks } from '../../src/tasks/index.ts'
import { sqlPayload } from '../../src/tasks/sql/payload.ts'
import { describeTask } from '../../src/worker/describe-task.ts'
import { testDatabase } from '../support/database.ts'

const page = await readFile(new URL('../../docs/tasks.md', import.meta.url), 'utf8')

t.test('tasks.md has every task, and every key of their payloads', async (t) => {
  for (const { name } of builtInTasks) t.match(page, `\`${name}\``)
  for (const [title, { shape }] of Object.entries({ http_request: httpRequestPayload, sql: sqlPayload })) {
    const [section = ''] = new RegExp(`^## ${title}\n[\\s\\S]*?(?=^## )`, 'm').exec(page) ?? []
    const table = [...section.matchAll(/^\| (`.*?`) \|/gm)].map(([, keys]) => keys).join()
    for (const key of Object.keys(shape)) t.ok(table.includes(`\`${key}\``), `${title}: ${key}`)
  }
})

t.test('the SQL in tasks.md makes schedules whose payloads are right', async (t) => {
  const { pool } = await testDatabase(t)
  const blocks = [...page.matchAll(/^```sql\n(insert [\s\S]*?)^```$/gm)].map(([, code = '']) => code)
  t.equal(blocks.length, 2)
  for (const code of blocks) await pool.query(code)
  const { rows } = await pool.query('select task_name, payload from pgbeat.schedules')
  for (const { task_name, payload } of rows) {
    const task = builtInTasks.find(({ name }) => name === task_name)
    t.equal(task?.payload.safeParse(payload).success, true, task_name)
  }
})

t.test('each payload schema is published as one that others can check with, and has a word on every key', async (t) => {
  for (const task of builtInTasks) {
    const { payloadSchema } = describeTask(task)
    t.doesNotThrow(() => new Ajv2020({ strict: false }).compile(payloadSchema as object), task.name)
  }
  const schemas = ['http_request', 'sql'].map((name) =>
    describeTask(builtInTasks.find((task) => task.name === name) as never),
  )
  for (const { name, payloadSchema } of schemas) {
    const { properties } = payloadSchema as { properties: Record<string, { description?: string }> }
    for (const [key, { description }] of Object.entries(properties)) {
      t.ok(description, `${name}: ${key}`)
    }
  }
})
