import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testDatabase } from '../../support/database.ts'
import { runPgbeat } from '../pgbeat.ts'

t.setTimeout(300_000)

const crontab = '30 2 * * * /opt/report.py --daily\n@reboot /opt/start\n'

t.test('a crontab is written down for apply, which refuses it until its task is named', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const environment = { DATABASE_URL: connectionString }
  const file = join(t.testdir(), 'schedules.yaml')
  const flags = ['--timezone', 'Asia/Tokyo', '--output', file]
  const written = await runPgbeat(['import', 'crontab', '-', ...flags], {}, crontab)
  t.match(written, { code: 0, stdout: '', stderr: /line 2: not moved: @reboot .*\n1 schedule, 1 not moved\n$/ })
  t.match(readFileSync(file, 'utf8'), /# Not moved: line 2: @reboot[\s\S]*timezone: Asia\/Tokyo[\s\S]*- name: report\n/)
  const refused = await runPgbeat(['apply', '-f', file], environment)
  t.match(refused, { code: 2, stderr: /schedules\.yaml:\d+:\d+: report: task_name: .*replace-me/ })

  const unnamed = await runPgbeat(['import', 'crontab', '--apply'], environment, crontab)
  t.match(unnamed, { code: 2, stderr: /--apply needs --task/ })
  const apply = ['import', 'crontab', '--apply', '--task', 'echo', '--timezone', 'Asia/Tokyo']
  const dry = await runPgbeat([...apply, '--dry-run'], environment, crontab)
  t.match(dry, { code: 0, stderr: /1 to create, 0 unchanged\nNothing was changed/ })
  const strict = await runPgbeat([...apply, '--strict', '--set', 'cron'], environment, crontab)
  t.match(strict, { code: 1, stderr: /1 created.*\n.*something is lost or different/ })
  const { rows } = await pool.query('select name, payload, catch_up, max_attempts, tags from pgbeat.schedules')
  const payload = { command: '/opt/report.py --daily' }
  t.same(rows, [{ name: 'report', payload, catch_up: 'none', max_attempts: 1, tags: ['apply:cron'] }])
  t.match(await runPgbeat([...apply, '--output', file], environment, crontab), { code: 2, stderr: /not both/ })
})

t.test("tables are read from the database that is named, in another program's words", async (t) => {
  const { connectionString, pool } = await testDatabase(t, { empty: true })
  const beat = ['import', 'celery-beat', '--from', connectionString]
  t.match(await runPgbeat(beat), { code: 3, stderr: /there is no table django_celery_beat_periodictask/ })
  t.match(await runPgbeat(['import', 'pg_cron']), { code: 2, stderr: /from which database\?/ })
  await pool.query(readFileSync(new URL('django-celery-beat-2.4.0.sql', import.meta.url), 'utf8'))
  const { code, stdout, stderr } = await runPgbeat(beat)
  t.match({ code, stderr }, { code: 0, stderr: /dawn: not moved: sunrise.*\n[\s\S]*7 schedules, 3 not moved\n$/ })
  t.match(
    stdout,
    /- name: nightly report\n {4}task_name: reports\.tasks\.nightly\n {4}cron_expression: 30 2 \* \* mon-fri\n/,
  )
  const target = await testDatabase(t)
  await target.pool.query(`insert into pgbeat.tasks (name) select unnest($1::text[])`, [
    ['nightly', 'luck', 'overnight', 'year', 'noon'].map((name) => `reports.tasks.${name}`),
  ])
  const into = { DATABASE_URL: target.connectionString }
  const refused = await runPgbeat([...beat, '--apply'], into)
  t.match(refused, { code: 2, stderr: /\nevery other day: task_name: .*ops\.tasks\.clean/ })
  await target.pool.query(`insert into pgbeat.tasks (name) values ('ops.tasks.clean'), ('ops.tasks.beat')`)
  t.match(await runPgbeat([...beat, '--apply'], into), { code: 0, stderr: /7 created, 0 unchanged\n$/ })
  t.match(await runPgbeat([...beat, '--apply'], into), { code: 0, stderr: /7 unchanged\nThere is nothing to do\.\n$/ })
})

t.test("what pg_cron and graphile-worker have is applied to a database of pgbeat's", async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const environment = { DATABASE_URL: connectionString }
  await pool.query(readFileSync(new URL('pg_cron-1.4.2.sql', import.meta.url), 'utf8'))
  const applied = await runPgbeat(['import', 'pg_cron', '--apply'], environment)
  t.match(applied, { code: 0, stderr: /5 schedules, 2 not moved\n(.*\n)*5 created, 0 unchanged\n$/ })
  const crontab = '0 4 * * * echo ?id=bee&fill=2d&max=3 {a: 1}\n'
  const bee = await runPgbeat(['import', 'graphile-crontab', '--apply'], environment, crontab)
  t.match(bee, { code: 0, stderr: /1 created, 0 unchanged\n$/ })
  const { rows } = await pool.query(`select payload, catch_up, catch_up_window = '2 days' as is_long, max_attempts
    from pgbeat.schedules where name = 'bee'`)
  t.same(rows, [{ payload: { a: 1 }, catch_up: 'all', is_long: true, max_attempts: 3 }])
  const wrong = await runPgbeat(['import', 'graphile-crontab'], environment, '* * * echo\n')
  t.match(wrong, { code: 2, stdout: '', stderr: /graphile-worker can't read it: .*line '1'/ })
})
