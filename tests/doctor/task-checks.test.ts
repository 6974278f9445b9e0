import t from 'tap'
import { z } from 'zod'
import type { Check, Patient } from '../../src/doctor/check.ts'
import { taskChecks } from '../../src/doctor/checks/task-checks.ts'
import { checks } from '../../src/doctor/checks.ts'
import { defineTask, type TaskCheck } from '../../src/task.ts'
import { builtInTasks } from '../../src/tasks/index.ts'
import { testDatabase } from '../support/database.ts'
import { lookAt } from './look-at.ts'

const taskWith = (checks?: TaskCheck[]) =>
  defineTask({ name: 'a', description: '', payload: z.unknown(), ...(checks && { checks }), run: async () => null })

t.test('what tasks look at is looked at in the environment of the process', async (t) => {
  const key: TaskCheck = {
    name: 'a-key',
    look: async ({ A_KEY: key }) => ({ status: key ? 'pass' : 'fail', message: `the key is ${key}` }),
  }
  const [check, ...rest] = taskChecks([taskWith(), taskWith([key])])
  t.same(rest, [])
  t.match(check, { name: 'a-key', needs: 'nothing' })
  const patient = { environment: { A_KEY: 'there' } } as unknown as Patient
  t.same(await check?.look(patient), { status: 'pass', message: 'the key is there' })
})

t.test('a task is told whether anybody needs it', async (t) => {
  const need: TaskCheck = {
    name: 'a-need',
    look: async (_environment, isNeeded) => ({ status: (await isNeeded()) ? 'warn' : 'pass', message: '' }),
  }
  const [check] = taskChecks([taskWith([need])])
  const { connectionString, pool } = await testDatabase(t)
  const look = async (url = connectionString) => (await lookAt(check as Check, { DATABASE_URL: url })).status
  t.equal(await look(), 'pass')
  await pool.query(`insert into pgbeat.tasks (name) values ('a')`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every, enabled) values ('s', 'a', '1 hour', false)`)
  t.equal(await look(), 'pass')
  await pool.query('update pgbeat.schedules set enabled = true')
  t.equal(await look(), 'warn')
  t.equal(await look('postgres://127.0.0.1:1/nowhere'), 'warn', 'perhaps')
})

t.test('those of the built-in tasks are among the checks, and all have names of their own', async (t) => {
  const names = checks.map(({ name }) => name)
  const theirs = builtInTasks.flatMap(({ checks = [] }) => checks.map(({ name }) => name))
  t.ok(theirs.length > 0)
  t.ok(theirs.every((name) => names.includes(name)))
  t.equal(new Set(names).size, names.length)
})
