import t from 'tap'
import { aliases } from '../../src/config/variables.ts'
import { simulation } from '../support/simulation.ts'
import { blocksOf, text } from './page.ts'
import { runBlock } from './run-block.ts'

t.test('a schedule moves over as moving/README.md has it, and its shadow fires before', async (t) => {
  const { sql, clock, scheduler } = await simulation(t, '2026-03-02T09:58:00Z')
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression, timezone, enabled)
    values ('nightly report', 'echo', '*/5 * * * *', 'Asia/Tokyo', false)`)
  const [shadow, compared, unshadow, ...switched] = (await blocksOf('docs/moving/README.md'))
    .filter(({ language }) => language === 'sql')
    // The clock of this database is simulated, and now() is not.
    .map(({ code }) => code.replaceAll('now()', 'pgbeat.clock()'))
  await sql(shadow ?? '')
  await scheduler.runUntil('2026-03-02T10:06:00Z')
  t.match(await sql(compared ?? ''), [
    { scheduled_for: new Date('2026-03-02T10:05:00Z'), status: 'succeeded' },
    { scheduled_for: new Date('2026-03-02T10:00:00Z'), status: 'succeeded' },
  ])
  await sql(unshadow ?? '')

  t.equal(switched.length, 4)
  const [resume, missed, backfill, goBack] = switched
  await sql(resume ?? '')
  await scheduler.runDue()
  t.match(await sql(missed ?? ''), [{ scheduled_for: new Date('2026-03-02T10:05:00Z'), missed_count: 2 }])
  await clock.advance(1_000)
  await sql(backfill ?? '')
  await scheduler.runDue()
  t.same(await sql('select status, chosen from pgbeat.backfill_status'), [{ status: 'listed', chosen: 2 }])
  await sql(goBack ?? '')
})

t.test('celery-beat.md has every older name of a variable', async (t) => {
  const page = await text('docs/moving/celery-beat.md')
  for (const [alias, name] of Object.entries(aliases)) t.match(page, `| \`${alias}\` | \`${name}\``, alias)
})

t.test('graphile-worker-crontab.md has what import makes of its line', async (t) => {
  const page = 'docs/moving/graphile-worker-crontab.md'
  const [, line = ''] = /^A line of the crontab, `(.*)`:$/m.exec(await text(page)) ?? []
  const code = `echo '${line}' | bin/pgbeat import graphile-crontab`
  const { stdout } = await runBlock({ language: 'sh', code }, { PATH: process.env.PATH })
  const [file] = (await blocksOf(page)).filter(({ language }) => language === 'yaml')
  t.equal(stdout.replace(/^#.*\n/gm, '').trim(), file?.code.trim())
})

t.test('moving/README.md names sources that import knows', async (t) => {
  const page = await text('docs/moving/README.md')
  const sources = /import (\w+) --output \S+ +# or (.*)/.exec(page)?.slice(1).join(', ').split(', ') ?? []
  const known = [...(await text('docs/reference/cli.md')).matchAll(/^### import (\S+)$/gm)].map(([, name]) => name)
  t.same([...sources].sort(), known.sort())
})
