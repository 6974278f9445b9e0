import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { clocks, judge } from '../../src/doctor/checks/clocks.ts'
import { testDatabase } from '../support/database.ts'
import { lookAt } from './look-at.ts'

const withoutFaketime =
  spawnSync('faketime', ['--version']).status === 0 ? false : 'faketime is not installed (apt-get install faketime)'
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

t.test('clocks that agree pass', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  t.match(await lookAt(clocks, { DATABASE_URL: connectionString }), { status: 'pass' })
})

t.test('the clock of a host that is wrong is told of', { skip: withoutFaketime }, async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const look = (shift: string) => {
    const args = ['-f', shift, process.execPath, main, 'doctor', '--json', '--only', 'clocks']
    const { stdout } = spawnSync('faketime', args, { env: { PATH: process.env.PATH, DATABASE_URL: connectionString } })
    return JSON.parse(String(stdout)).checks[0]
  }
  t.match(look('+2s'), { status: 'warn', message: /is (2\.0|1\.9)\d\d s behind that of this host/, action: /NTP/ })
  t.match(look('-1h'), { status: 'fail', message: /is (3600\.0|3599\.9)\d\d s ahead of that of this host/ })
})

t.test('what a slow round trip hides is not held against them', async (t) => {
  t.match(judge({ aheadMs: 500, uncertainMs: 0 }), { status: 'pass' })
  t.match(judge({ aheadMs: -501, uncertainMs: 0 }), { status: 'warn', message: /behind/ })
  t.match(judge({ aheadMs: 700, uncertainMs: 300 }), { status: 'pass' })
  t.match(judge({ aheadMs: 5_000, uncertainMs: 0 }), { status: 'warn', message: /ahead of/ })
  t.match(judge({ aheadMs: -5_001, uncertainMs: 0 }), { status: 'fail' })
})
