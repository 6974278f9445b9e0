// Judges what a database's ledger says, by the schedules' events and by what the task itself wrote to chaos.effects:
// `node tests/chaos/checker/main.ts <connection string> [until]`. All that was due by `until` (now, when left out) must
// have come to its end. Prints the findings in words, the verdict as a line of JSON, and exits with 1 if there are any.

import pg from 'pg'
import { check } from './check.ts'
import { faults } from './findings.ts'
import { readHistory } from './history.ts'

const [connectionString, asked] = process.argv.slice(2)
if (connectionString === undefined) throw new Error('usage: main.ts <connection string> [until]')

const pool = new pg.Pool({ connectionString, max: 1 })
const { rows } = await pool.query<{ until: number }>(
  'select (extract(epoch from coalesce($1::timestamptz, clock_timestamp())) * 1000)::float8 as until',
  [asked],
)
const verdict = check(await readHistory(pool), rows[0]?.until ?? Number.NaN)
await pool.end()

for (const fault of faults) {
  for (const { schedule, at, why } of verdict[fault]) {
    console.log(`${fault}: ${schedule} at ${new Date(at).toISOString()}: ${why}`)
  }
}
console.log(JSON.stringify(verdict))
if (faults.some((fault) => verdict[fault].length > 0)) process.exitCode = 1
