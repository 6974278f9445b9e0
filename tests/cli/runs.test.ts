import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { serveOn } from '../http/api.ts'
import { testSystem } from '../support/system.ts'
import { jsonLines, onTerminal, pgbeat, runPgbeat } from './pgbeat.ts'

t.setTimeout(120_000)

/** A system that works, with a task that logs twice and ends when it is told to. */
async function workingSystem(t: Test) {
  const system = await testSystem(t)
  let release = () => {}
  const talk = defineTask({
    name: 'talk',
    description: 'Logs, waits and ends',
    payload: z.object({ fails: z.boolean().default(false) }),
    async run({ payload: { fails }, log }) {
      log.info('hello', { of: 'talk' })
      await new Promise<void>((resolve) => {
        release = resolve
      })
      log.info('bye')
      if (fails) throw new Error('as asked')
      return { ok: true }
    },
  })
  await system.startWorker([talk])
  const environment = { DATABASE_URL: system.connectionString }
  const trigger = async (...args: string[]) =>
    JSON.parse((await runPgbeat(['schedules', 'trigger', 'talk', ...args], environment)).stdout).id as string
  await runPgbeat(
    ['schedules', 'create', 'talk', '--task', 'talk', '--run-at', '2999-01-01T00:00:00Z', '--max-attempts', '1'],
    environment,
  )
  return { ...system, environment, trigger, release: () => release() }
}

/** Follows runs in a process of its own, line by line. */
function follow(t: Test, args: string[], environment: Record<string, string>) {
  const child = spawn(pgbeat, ['runs', 'tail', ...args], { env: { PATH: process.env.PATH, ...environment } })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const told = once(child.stderr, 'data').then(String)
  return {
    exited,
    /** The first thing that it says beside. */
    told,
    next: async () => JSON.parse((await lines.next()).value ?? 'null'),
    interrupt: () => child.kill('SIGINT'),
  }
}

t.test('a run is followed to its end: what it logs and becomes', async (t) => {
  const { environment, trigger, release } = await workingSystem(t)
  const id = await trigger()
  const tail = follow(t, [id], environment)
  const seen = []
  for (let line = await tail.next(); line !== null; line = await tail.next()) {
    seen.push(line.message ?? line.status)
    if (line.message === 'hello') release()
  }
  t.equal(await tail.exited, 0)
  t.same(
    seen.filter((word) => !['queued', 'running'].includes(word)),
    ['hello', 'bye', 'succeeded'],
  )
  t.match(await runPgbeat(['runs', 'tail', id], environment), { code: 0, stdout: /"hello"[\s\S]*"succeeded"/ })
  t.match(await runPgbeat(['runs', 'tail', '999'], environment), { code: 3, stderr: /\(run_not_found\)/ })

  const failing = await trigger('--payload', '{"fails":true}')
  const failure = follow(t, [failing], environment)
  for (let line = await failure.next(); line !== null; line = await failure.next())
    if (line.message === 'hello') release()
  t.equal(await failure.exited, 1)
  const { shown } = await onTerminal(['runs', 'show', failing], { ...environment, NO_COLOR: '1' })
  t.match(
    shown,
    /^run \d+ of talk {2}failed\n[\s\S]*error +\S+: as asked\n[\s\S]*logged\n.* info {2}hello {"of":"talk"}\n/,
  )
})

t.test('all runs are followed as they come, here and remotely, until Ctrl-C', async (t) => {
  const { environment, connectionString, trigger, release } = await workingSystem(t)
  const { url } = await serveOn(t, { connectionString })
  const here = follow(t, ['--schedule', 'talk', '--status', 'succeeded'], environment)
  const there = follow(t, [], { PGBEAT_API_URL: url })
  for (const tail of [here, there]) t.match(await tail.told, 'Following runs; Ctrl-C ends it.')
  const id = await trigger()
  for (let line = await there.next(); line.event !== 'run.running'; line = await there.next()) t.match(line, { id })
  release()
  t.match(await here.next(), { event: 'run.succeeded', id, schedule_name: 'talk' })
  for (const tail of [here, there]) {
    tail.interrupt()
    t.equal(await tail.exited, 130)
  }
})

t.test('runs are listed, cancelled and repeated', async (t) => {
  const { environment, pool } = await workingSystem(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('idle', 'echo', '2999-01-01')`)
  const run = (...args: string[]) => runPgbeat(['runs', ...args], environment)
  for (let index = 0; index < 3; index += 1) await runPgbeat(['schedules', 'trigger', 'idle'], environment)
  const listed = jsonLines((await run('list', '--schedule', 'idle')).stdout)
  t.match(listed, [{ status: 'queued' }, { status: 'queued' }, { status: 'queued' }])
  const [first, second] = listed.map(({ id }) => id as string)
  const { shown } = await onTerminal(['runs', 'list', '--limit', '2'], { ...environment, NO_COLOR: '1' })
  t.match(shown, /^ *run +schedule +status +scheduled for +took +what\n(.*idle +queued .*manual\n){2}There are more: /)

  t.match(await run('cancel', first ?? ''), { code: 0, stderr: `run ${first} is cancelled\n` })
  t.match(await run('cancel', first ?? ''), { code: 4, stderr: /\(run_over\)/ })
  const both = await run('cancel', first ?? '', second ?? '')
  t.match(both, { code: 1, stderr: /is cancelled already\nrun \d+ is cancelled\npgbeat: 1 of 2 failed/ })
  t.match(await run('retry', first ?? ''), { code: 0, stderr: `run ${first} is queued\n` })
  t.match(await run('list', '--status', 'wrong'), { code: 2, stderr: /status\.0: / })
})
