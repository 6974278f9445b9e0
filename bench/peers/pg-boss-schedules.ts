// COUNT schedules of pg-boss that are all due at one minute. It says when it is ready.

import { PgBoss } from 'pg-boss'
import { minuteIn } from './minute.ts'
import { say } from './process.ts'

const count = Number(process.env.COUNT)
const atOnce = 10
const boss = new PgBoss({
  connectionString: process.env.DATABASE_URL ?? '',
  cronMonitorIntervalSeconds: 1,
  cronWorkerIntervalSeconds: 1,
})
boss.on('error', (error) => console.error(error))
await boss.start()
await boss.createQueue('daily-report')
const { due, cron } = minuteIn(5_000 + count * 3)
let next = 0
await Promise.all(Array.from({ length: atOnce }, schedule))
if (Date.now() > due) throw new Error('pg-boss had no time for its schedules')
say({ msg: 'ready', due })

async function schedule(): Promise<void> {
  while (next < count) {
    const customer = next
    next += 1
    const data = { customer, report: 'sales', format: 'csv', days: 7 }
    await boss.schedule('daily-report', cron, data, { key: `customer-${customer}`, tz: 'UTC' })
  }
}
