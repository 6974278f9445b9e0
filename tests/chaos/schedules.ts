import type pg from 'pg'

const overlapPolicies = ['skip', 'queue', 'allow', 'replace']
const catchUps = ['none', 'latest', 'all']
/** So short that runs in a queue, one a second, don't wait ever longer; long enough that the others meet. */
const workMs: Record<string, number> = { skip: 500, queue: 150, allow: 400, replace: 500 }

/** Every second and every minute with all policies, and one of each other kind of timetable. */
export async function createSchedules(pool: pg.Pool): Promise<void> {
  for (const overlap of overlapPolicies) {
    for (const catchUp of catchUps) {
      for (const [name, expression] of [
        ['second', '* * * * * *'],
        ['minute', '* * * * *'],
      ]) {
        await pool.query(
          `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy, catch_up, payload)
           values ($1, 'leave_traces', $2, $3, $4, jsonb_build_object('ms', $5::int))`,
          [`${name}-${overlap}-${catchUp}`, expression, overlap, catchUp, workMs[overlap]],
        )
      }
    }
  }
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every, timeout, max_attempts) values
      ('every-3', 'leave_traces', '3 seconds', null, 3),
      ('too-long', 'leave_traces', '5 seconds', '300 milliseconds', 2);
    insert into pgbeat.schedules (name, task_name, every, max_runs) values ('ten-times', 'leave_traces', '2 seconds', 10);
    insert into pgbeat.schedules (name, task_name, every, jitter) values ('jittered', 'leave_traces', '7 seconds', '1 second');
    insert into pgbeat.schedules (name, task_name, cron_expression)
      select 'edited-' || n, 'leave_traces', '* * * * * *' from generate_series(1, 4) n`)
}

type Edit = (pool: pg.Pool, choice: number) => Promise<unknown>

/** What people do to schedules by SQL in the middle of it all. */
export const edits: Record<string, Edit> = {
  'another timetable': (pool, choice) =>
    pool.query(
      `update pgbeat.schedules set cron_expression = case cron_expression when '* * * * * *' then '*/2 * * * * *'
         else '* * * * * *' end where name = $1`,
      [editedName(choice)],
    ),
  'pause or resume': (pool, choice) =>
    pool.query('update pgbeat.schedules set enabled = not enabled where name = $1', [editedName(choice)]),
  'another policy': (pool, choice) =>
    pool.query('update pgbeat.schedules set overlap_policy = $2, catch_up = $3 where name = $1', [
      editedName(choice),
      overlapPolicies[choice % 4],
      catchUps[choice % 3],
    ]),
  'delete and insert': (pool, choice) =>
    pool.query(
      `delete from pgbeat.schedules where name = '${editedName(choice)}';
       insert into pgbeat.schedules (name, task_name, cron_expression)
       values ('${editedName(choice)}', 'leave_traces', '* * * * * *')`,
    ),
  'one shot': (pool) =>
    pool.query(
      `insert into pgbeat.schedules (task_name, run_at) values ('leave_traces', now() + interval '2 seconds')`,
    ),
  trigger: (pool, choice) => pool.query('select pgbeat.trigger($1)', [`second-${overlapPolicies[choice % 4]}-all`]),
}

const editedName = (choice: number) => `edited-${1 + (choice % 4)}`
