// COUNT crontab items of graphile-worker that are all due at one minute. It says when it is ready.

import { EventEmitter } from 'node:events'
import { Logger, parseCronItems, run, type WorkerEvents } from 'graphile-worker'
import { minuteIn } from './minute.ts'
import { say } from './process.ts'

const count = Number(process.env.COUNT)
const { due, cron } = minuteIn(3_000 + count / 2)
const items = Array.from({ length: count }, (_, index) => ({
  task: 'daily-report',
  match: cron,
  identifier: `daily-report-customer-${index}`,
  payload: { customer: index, report: 'sales', format: 'csv', days: 7 },
}))
const events: WorkerEvents = new EventEmitter()
events.once('cron:started', () => say({ msg: 'ready', due }))
// The jobs are of another task than that of the worker: it only queues them.
await run({
  connectionString: process.env.DATABASE_URL ?? '',
  parsedCronItems: parseCronItems(items),
  taskList: { other: () => {} },
  events,
  logger: new Logger(() => () => {}),
})
