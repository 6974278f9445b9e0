import t from 'tap'
import { z } from 'zod'
import { RetryLaterError } from '../../src/errors.ts'
import { triggerRun } from '../../src/store/runs.ts'
import { defineTask, type TaskContext } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { simulation } from '../support/simulation.ts'
import { type System, testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

type Run = (context: TaskContext<unknown>) => Promise<unknown>

const taskOf = (run: Run) => defineTask({ name: 'under_test', description: '', payload: z.unknown(), run })

/** A worker with one task, and a run of it; `finished` is what became of that. */
async function runOf(t: Parameters<typeof testSystem>[0], run: Run, prepare = '') {
  const system = await testSystem(t)
  const finished = nextEvent(system.events, 'run:finished', ({ status }) => status !== 'retrying')
  await system.startWorker([taskOf(run)])
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'under_test', '2100-01-01')`,
  )
  if (prepare !== '') await system.pool.query(prepare)
  return { system, id: (await triggerRun(system.db, tester, 's')) as string, finished }
}

async function linesOf({ pool }: Pick<System, 'pool'>): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>(`
    select concat_ws(' ', attempt || '.' || line, level, message, fields) as text
    from pgbeat.run_logs order by run_id, attempt, line`)
  return rows.map(({ text }) => text)
}

t.test('whoever sees the outcome of a run sees what it logged', async (t) => {
  const { system, finished } = await runOf(t, async ({ log }) => {
    log.debug('looking')
    log.info('found', { rows: 3 })
    log.warn('slow')
    log.error('wrong', { error: new Error('no') })
  })
  t.match(await finished, { status: 'succeeded' })
  const lines = await linesOf(system)
  t.same(lines.slice(0, 3), ['1.1 debug looking', '1.2 info found {"rows": 3}', '1.3 warn slow'])
  t.match(lines[3], /^1\.4 error wrong .*"message": "no"/)
  t.same(
    await system.row(`
      select bool_and(logged_at between started_at and finished_at) as in_time
      from pgbeat.run_logs join pgbeat.attempts using (run_id, scheduled_for, attempt)`),
    { in_time: true },
  )
})

t.test('it is written before the outcome is, however slowly', async (t) => {
  const { system, finished } = await runOf(
    t,
    async ({ log }) => log.info('before'),
    `create table seen (lines bigint);
     create function note() returns trigger language plpgsql as $$
     begin insert into seen select count(*) from pgbeat.run_logs; return null; end $$;
     create trigger note after update on pgbeat.runs for each row when (new.status = 'succeeded') execute function note();
     create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
     create trigger dawdle after insert on pgbeat.run_logs for each statement execute function dawdle()`,
  )
  await finished
  t.same(await system.row('select lines::int from seen'), { lines: 1 })
})

t.test('lines can be read while the run goes on', async (t) => {
  const goOn = Promise.withResolvers<void>()
  const { system, finished } = await runOf(t, async ({ log }) => {
    log.info('under way')
    await goOn.promise
  })
  while ((await linesOf(system)).length === 0) {}
  t.match(await system.row('select status from pgbeat.runs'), { status: 'running' })
  goOn.resolve()
  await finished
  t.same(await linesOf(system), ['1.1 info under way'])
})

t.test('each attempt counts its own lines', async (t) => {
  const { system, finished } = await runOf(t, async ({ log, run }) => {
    log.info('trying')
    if (run.attempt < 2) throw new RetryLaterError('busy', 'not now', 0)
  })
  await finished
  t.same(await linesOf(system), ['1.1 info trying', '2.1 info trying'])
})

t.test('a run whose log can not be written ends as it would have', async (t) => {
  for (const sabotage of [
    'alter table pgbeat.run_logs rename to hidden',
    `alter table pgbeat.run_logs add constraint never check (message = 'never')`,
  ]) {
    const { system, finished } = await runOf(
      t,
      async ({ log }) => {
        log.info('in vain')
        return 'done'
      },
      sabotage,
    )
    t.match(await finished, { status: 'succeeded', result: 'done' })
    t.match(await system.row('select status from pgbeat.runs'), { status: 'succeeded' })
  }
})

t.test('a run does not wait long for somebody who has the log locked', async (t) => {
  const started = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { system, finished } = await runOf(t, async ({ log }) => {
    log.info('in vain')
    started.resolve()
    await goOn.promise
  })
  await started.promise
  const locker = await system.pool.connect()
  await locker.query('begin; lock table pgbeat.run_logs in access exclusive mode')
  goOn.resolve()
  t.match(await finished, { status: 'succeeded' })
  await locker.query('commit')
  locker.release()
})

t.test('in a simulation lines go by its clock', async (t) => {
  let clock: { advance(ms: number): Promise<void> } | undefined
  const slow = taskOf(async ({ log }) => {
    log.info('begun')
    await clock?.advance(60_000)
    log.info('done')
  })
  const simulated = await simulation(t, '2031-05-05T12:00:00Z', { tasks: [slow] })
  clock = simulated.clock
  await simulated.sql(`insert into pgbeat.schedules (task_name, run_at) values ('under_test', '2031-05-05T13:00Z')`)
  await simulated.scheduler.runUntil('2031-05-05T14:00:00Z')
  t.same(await simulated.sql('select message, logged_at from pgbeat.run_logs order by line'), [
    { message: 'begun', logged_at: new Date('2031-05-05T13:00:00Z') },
    { message: 'done', logged_at: new Date('2031-05-05T13:01:00Z') },
  ])
})
