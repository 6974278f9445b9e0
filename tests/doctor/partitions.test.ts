import t from 'tap'
import { partitions } from '../../src/doctor/checks/partitions.ts'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { testSystem } from '../support/system.ts'
import { lookAt } from './look-at.ts'

t.test('partitions of the coming days are missed', async (t) => {
  const system = await testSystem(t)
  const { pool, db } = system
  await createPartitionsAhead(db)
  const look = () => lookAt(partitions, { DATABASE_URL: system.connectionString })
  const nameOf = async (table: string, days: number) => {
    const { rows } = await pool.query<{ name: string }>(
      `select $1 || to_char((now() at time zone 'UTC')::date + $2::integer, '_YYYYMMDD') as name`,
      [table, days],
    )
    return rows[0]?.name as string
  }
  t.match(await look(), { status: 'pass', message: 'the coming days have their partitions' })
  for (const [table, days, status] of [
    ['run_logs', 2, 'warn'],
    ['runs', 1, 'fail'],
    ['attempts', 0, 'fail'],
  ] as const) {
    const name = await nameOf(table, days)
    await pool.query(`alter table pgbeat.${table} detach partition pgbeat.${name}`)
    t.match(await look(), { status, message: `1 partition missing of the coming days: ${name};` })
    await pool.query(`drop table pgbeat.${name}`)
    t.match(await look(), { status, message: name })
    await pool.query(
      `select pgbeat.create_run_partitions((now() at time zone 'UTC')::date, (now() at time zone 'UTC')::date + 3)`,
    )
    t.match(await look(), { status: 'pass' })
  }
})

t.test('runs in the default partition are as they should be when they are old', async (t) => {
  const system = await testSystem(t)
  const { pool, db } = system
  await createPartitionsAhead(db)
  const look = () => lookAt(partitions, { DATABASE_URL: system.connectionString })
  const insert = (at: string) =>
    pool.query(`insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status,
      max_attempts) values (gen_random_uuid(), 's', 'echo', '{}', ${at}, 'backfill', 'succeeded', 1)`)
  await insert(`now() - interval '2 years'`)
  t.match(await look(), { status: 'pass', message: /; 1 run of days without one, as backfills have$/ })
  await insert(`now() + interval '10 days'`)
  t.match(await look(), { status: 'warn', message: /^1 run of today or later in the default partition/ })
})
