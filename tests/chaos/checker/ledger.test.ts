// The checker on what pgbeat really does, and on the same ledger after somebody has tampered with it.

import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../../src/task.ts'
import { nextEvent } from '../../support/events.ts'
import { type System, testSystem } from '../../support/system.ts'
import { check, type Verdict } from './check.ts'
import { createEffects, readHistory, selectHistory } from './history.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

const record = defineTask({
  name: 'record',
  description: 'Writes down that it began and that it is done',
  payload: z.object({ lastsMs: z.number().default(0) }),
  run: async ({ db, payload, run }) => {
    const write = (phase: string) =>
      db.query(
        `insert into chaos.effects (run_id, schedule_id, scheduled_for, attempt, node, phase)
         values ($1, $2, $3, $4, 'test', $5)`,
        [run.id, run.scheduleId, run.scheduledFor, run.attempt, phase],
      )
    await write('begun')
    await delay(payload.lastsMs)
    await write('done')
  },
})

const schedules = `
  insert into pgbeat.schedules (name, task_name, cron_expression, payload, overlap_policy, ends_at, max_runs)
  select name, 'record', expression, payload::jsonb, overlap_policy, now() + interval '6 seconds', max_runs
  from (values
    ('each second', '* * * * * *', '{}', 'skip', null),
    ('edited', '* * * * * *', '{}', 'skip', null),
    ('paused', '* * * * * *', '{}', 'allow', null),
    ('deleted', '* * * * * *', '{}', 'queue', null),
    ('three times', '* * * * * *', '{}', 'skip', 3),
    ('skips', '*/1 * * * * *', '{"lastsMs": 1200}', 'skip', null),
    ('queues', '0-59/2 * * * * *', '{"lastsMs": 1100}', 'queue', null)
  ) as given(name, expression, payload, overlap_policy, max_runs);
  insert into pgbeat.schedules (name, task_name, every, starts_at, ends_at) values
    ('from now on', 'record', '1.5 seconds', now(), now() + interval '6 seconds'),
    ('an interval', 'record', '1 second', null, now() + interval '6 seconds'),
    ('a deleted interval', 'record', '1 second', null, now() + interval '6 seconds');
  insert into pgbeat.schedules (name, task_name, run_at) values
    ('once', 'record', now() + interval '3.5 seconds'),
    ('at once', 'record', now() - interval '1 second')`

/** When all that was due has come to its end. */
async function settled({ pool, events }: System): Promise<void> {
  const isOver = async () => {
    const { rows } = await pool.query<{ over: boolean }>(`
      select not exists (select from pgbeat.schedules where next_run_at is distinct from 'infinity')
        and not exists (select from pgbeat.lapses)
        and not exists (select from pgbeat.runs where status in ('waiting', 'queued', 'running', 'retrying')) as over`)
    return rows[0]?.over
  }
  while (!(await isOver())) {
    await Promise.race([nextEvent(events, 'run:finished'), nextEvent(events, 'tick:passed')])
  }
}

const findingsOf = ({ lost, duplicate, early, unexplained }: Verdict) => ({ lost, duplicate, early, unexplained })
const soundness = { lost: [], duplicate: [], early: [], unexplained: [] }

/** Each changes the ledger behind pgbeat's back, so that there is one kind of fault. */
const forgeries: [fault: keyof typeof soundness, what: string, statement: string][] = [
  ['lost', 'a run is gone', `delete from pgbeat.runs where id = (${oneOf('each second')})`],
  ['lost', 'the work of a run is gone', `delete from chaos.effects where run_id = (${oneOf('each second')})`],
  [
    'lost',
    'a missed run is gone',
    `delete from pgbeat.runs where missed_count = (select max(missed_count) from pgbeat.runs)`,
  ],
  [
    'duplicate',
    'a missed run counts too many',
    `update pgbeat.runs set missed_count = missed_count + 1 where id = (
       select id from pgbeat.runs where reason = 'paused' and missed_count > 1)`,
  ],
  [
    'duplicate',
    'work was done twice',
    `insert into chaos.effects (run_id, schedule_id, scheduled_for, attempt, node, phase)
     select run_id, schedule_id, scheduled_for, attempt, node, phase from chaos.effects
     where phase = 'done' and run_id = (${oneOf('edited')})`,
  ],
  [
    'early',
    'a run was queued too early',
    `update pgbeat.runs set queued_at = scheduled_for - interval '1 microsecond' where id = (${oneOf('an interval')})`,
  ],
  [
    'unexplained',
    'there is a run at an instant that nothing names',
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     select schedule_id, schedule_name, task_name, payload, scheduled_for + interval '1 millisecond', origin, status,
       max_attempts
     from pgbeat.runs where id = (${oneOf('from now on')})`,
  ],
  ['unexplained', 'a run is not over', `update pgbeat.runs set status = 'retrying' where id = (${oneOf('once')})`],
  [
    'unexplained',
    'a run says that it was skipped, and it ran',
    `update pgbeat.attempts set attempt = 2 where run_id = (${oneOf('at once')})`,
  ],
]

function oneOf(name: string): string {
  return `select id from pgbeat.runs where schedule_name = '${name}' and status = 'succeeded' order by id limit 1`
}

t.test('finds nothing in what pgbeat did, and each fault in what was tampered with', async (t) => {
  const system = await testSystem(t)
  const { pool, events } = system
  await createEffects(pool)
  await system.startWorker([record], 20)
  system.startTick()
  await pool.query(schedules)
  await nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 'each second')
  await pool.query(`select pgbeat.pause('paused')`)
  await nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 'edited')
  await pool.query(`update pgbeat.schedules set cron_expression = '*/2 * * * * *' where name = 'edited'`)
  await pool.query(`delete from pgbeat.schedules where name in ('deleted', 'a deleted interval')`)
  await nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 'once')
  await pool.query(`select pgbeat.resume('paused')`)
  await settled(system)

  const { now } = await system.row<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  )
  const sound = check(await readHistory(pool), now)
  t.same(findingsOf(sound), soundness)
  t.ok(sound.due >= 30 && sound.rows >= 30, `${sound.due} instants were due, ${sound.rows} rows were judged`)

  for (const [fault, what, statement] of forgeries) {
    const client = await pool.connect()
    await client.query('begin')
    t.ok((await client.query(statement)).rowCount)
    const forged = check(await selectHistory(client), now)
    await client.query('rollback')
    client.release()
    t.same(findingsOf(forged), { ...soundness, [fault]: forged[fault] }, what)
    t.ok(forged[fault].length > 0, what)
  }

  const judged = () => spawnSync(process.execPath, [program, system.connectionString], { encoding: 'utf8' })
  t.match(judged(), { status: 0, stdout: /^\{"due":.*"lost":\[\],/ })
  await pool.query(`delete from pgbeat.runs where id = (${oneOf('each second')})`)
  t.match(judged(), {
    status: 1,
    stdout: /^lost: each second at \S+: it was due, and no row accounts for it\n\{"due":/,
  })
})
