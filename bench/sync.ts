// How soon a change of a schedule is in effect: `npm run bench:sync`. --changes=500 --schedules=10000 --record

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Process } from '../tests/support/process.ts'
import { type Percentiles, percentiles } from './percentiles.ts'
import { startApi } from './support/api.ts'
import { number, readOptions } from './support/options.ts'
import { progress, tellReport } from './support/report.ts'
import { withClient, withServer } from './support/server.ts'
import { figure } from './support/spread.ts'
import { notifications } from './sync/notifications.ts'
import { pauses } from './sync/pauses.ts'

const options = readOptions({ changes: '500', schedules: '10000' })
const changes = number(options.changes)
const targetMs = 50

/** A change of schedule number `n`; resolves with its name when the change is committed. */
type Change = (n: number) => Promise<string>

await withServer(async (server) => {
  const connectionString = await server.createPreparedDatabase('sync')
  const tick = new Process({ program: 'tick', connectionString, env: { PGBEAT_LOG_LEVEL: 'info' } })
  const api = await startApi(connectionString)
  try {
    await tick.logged('this tick leads')
    await withClient(connectionString, async (client) => {
      progress(`${options.schedules} schedules beforehand …`)
      await insertOthers(client)
      const measured = new Map<string, Percentiles>()
      for (const [name, change] of Object.entries(changesOf(client, api.send))) {
        progress(`${name}: ${changes} times …`)
        measured.set(name, percentiles(await untilPlanned(client, change)))
      }
      progress('pauses …')
      const afterPause = await pauses(client, changes)
      progress('NOTIFY …')
      const floor = percentiles(await notifications(connectionString, changes))
      await tell(measured, floor, afterPause, server.version)
    })
  } finally {
    await Promise.all([api.stop(), tick.stop()])
  }
})

async function insertOthers(client: pg.Client): Promise<void> {
  await client.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression)
     select 'other-' || n, 'echo', '0 0 1 1 *' from generate_series(1, $1::int) n`,
    [number(options.schedules)],
  )
  await untilNoneIsUnplanned(client)
}

function changesOf(client: pg.Client, send: Awaited<ReturnType<typeof startApi>>['send']): Record<string, Change> {
  const bySql = (statement: string, prefix: string) => async (n: number) => {
    const name = `${prefix}-${n}`
    await client.query(statement, [name])
    return name
  }
  const byApi = (prefix: string, call: (name: string) => Parameters<typeof send>[0]) => async (n: number) => {
    const name = `${prefix}-${n}`
    await send(call(name))
    return name
  }
  return {
    'INSERT → planned': bySql(
      `insert into pgbeat.schedules (name, task_name, cron_expression, timezone)
       values ($1, 'echo', '0 9 1 1 *', 'Asia/Tokyo')`,
      'sql',
    ),
    'UPDATE → planned anew': bySql(`update pgbeat.schedules set cron_expression = '30 9 1 1 *' where name = $1`, 'sql'),
    'UPDATE, paused': bySql('update pgbeat.schedules set enabled = false where name = $1', 'sql'),
    'UPDATE, resumed → planned': bySql('update pgbeat.schedules set enabled = true where name = $1', 'sql'),
    'POST → planned': byApi('api', (name) => ({
      path: '/schedules',
      method: 'POST',
      body: { name, task_name: 'echo', cron_expression: '0 9 1 1 *', timezone: 'Asia/Tokyo' },
    })),
    'PATCH → planned anew': byApi('api', (name) => ({
      path: `/schedules/${name}`,
      method: 'PATCH',
      body: { cron_expression: '30 9 1 1 *' },
    })),
    'POST …/disable': byApi('api', (name) => ({ path: `/schedules/${name}/disable`, method: 'POST' })),
    'POST …/enable → planned': byApi('api', (name) => ({ path: `/schedules/${name}/enable`, method: 'POST' })),
  }
}

/** Milliseconds from when a change is committed, or answered, until the schedule has its next instant; one by one. */
async function untilPlanned(client: pg.Client, change: Change): Promise<number[]> {
  const durations: number[] = []
  for (let n = 1; n <= changes; n += 1) {
    const name = await change(n)
    const changedAt = performance.now()
    while (!(await isInEffect(client, name))) await delay(1)
    durations.push(performance.now() - changedAt)
  }
  return durations
}

async function isInEffect(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query({
    name: 'is in effect',
    text: 'select not enabled or next_run_at is not null as yes from pgbeat.schedules where name = $1',
    values: [name],
  })
  return rows[0].yes
}

async function untilNoneIsUnplanned(client: pg.Client): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query('select from pgbeat.schedules where next_run_at is null limit 1')
    if (rowCount === 0) return
    await delay(50)
  }
}

async function tell(
  measured: ReadonlyMap<string, Percentiles>,
  floor: Percentiles,
  afterPause: { readonly fires: number; readonly schedules: number },
  postgres: string,
): Promise<void> {
  const planned = [...measured].filter(([name]) => name.includes('planned'))
  const worst = Math.max(...planned.map(([, { p99 }]) => p99))
  const row = (name: string, { p50, p99, max }: Percentiles) => [name, ...[p50, p99, max].map(figure)]
  await tellReport(
    {
      bench: 'sync',
      title: 'Changes',
      method: [
        `A tick and an API among ${number(options.schedules).toLocaleString('en')} other schedules; ${changes} changes of each kind, one after the ` +
          'other: milliseconds from when the change is committed, or the API has answered, until the schedule has its next ' +
          'instant, asked for every millisecond by name. Beside it, what a NOTIFY on the same server takes from its commit ' +
          'until a session that listens has heard it and asked for a row.',
      ],
      columns: ['ms', 'p50', 'p99', 'max'],
      rows: [...planned.map(([name, of]) => row(name, of)), row('a NOTIFY and a SELECT alone', floor)],
      notes: [
        `A pause holds from its commit: ${afterPause.schedules} schedules that fired each second were paused one by one, ` +
          `and ${afterPause.fires} runs were queued after the pause of their schedule was committed.`,
      ],
      targets: [
        { what: `p99 <= ${targetMs} ms`, measured: `${figure(worst)} ms, the slowest kind`, isMet: worst <= targetMs },
        { what: 'nothing fires after a pause', measured: `${afterPause.fires} runs`, isMet: afterPause.fires === 0 },
      ],
      postgres,
      json: {
        changes,
        ms: Object.fromEntries(planned),
        notify_ms: floor,
        p99_ms: worst,
        fires_after_pause: afterPause.fires,
      },
    },
    options,
  )
}
