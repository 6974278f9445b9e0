import t from 'tap'
import { testDatabase } from '../support/database.ts'
import { runPgbeat } from './pgbeat.ts'

t.test('what will fire, as a table and as JSON', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const environment = { DATABASE_URL: connectionString }
  await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression) values
    ('hourly', 'echo', '0 * * * *'), ('busy', 'echo', '*/20 0 1 * * *')`)
  const range = ['--from', '2031-03-01T00:30:00Z', '--until', '2031-03-01T02:30:00Z']
  t.same(await runPgbeat(['forecast', ...range], environment), {
    code: 0,
    stdout: `minute               runs  schedules
2031-03-01T01:00Z       4  busy ×3, hourly
2031-03-01T02:00Z       1  hourly

5 runs of 2 schedules until 2031-03-01T02:30:00.000Z
`,
    stderr: '',
  })
  const { stdout } = await runPgbeat(['forecast', ...range, '--json'], environment)
  t.match(JSON.parse(stdout), { data: [{ runs: 4 }, { runs: 1 }], meta: { runs: 5, schedules: 2 } })

  const wrong = await runPgbeat(['forecast', '--until', '1999-01-01T00:00:00Z'], environment)
  t.match(wrong, { code: 2, stdout: '', stderr: /^pgbeat: --until: must be after from\n$/ })
  t.match(await runPgbeat(['forecast', 'tomorrow'], environment), {
    code: 2,
    stderr: /^pgbeat: it takes no arguments, but was given tomorrow/,
  })
})

t.test('needs a database', async (t) => {
  t.match(await runPgbeat(['forecast']), { code: 2, stderr: /^pgbeat: DATABASE_URL is not set/ })
})
