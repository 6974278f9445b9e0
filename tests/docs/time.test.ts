import t from 'tap'
import { localIso } from '../../src/core/local-time.ts'
import { testDatabase } from '../support/database.ts'
import { simulation } from '../support/simulation.ts'
import { blocksOf, text } from './page.ts'
import { runBlock } from './run-block.ts'

t.test('the vectors in time.md are those that the code is tested with, and so are their local readings', async (t) => {
  const page = await text('docs/time.md')
  const vectors = (await text('tests/core/dst.tsv')).trim().split('\n')
  const rows = [...page.matchAll(/^\| \d+ \| (\S+) \| `(.*)` \| (\S+) \| (.*) \|$/gm)]
  t.same(
    rows.map(([, ...cells]) => cells.join('\t')),
    vectors,
  )
  const explained = [...page.matchAll(/^\d+\. (`\d{4}-.*`)\.$/gm)].map(([, readings]) => readings)
  t.same(
    explained,
    vectors.map((vector) => {
      const [timezone = '', , , instants = ''] = vector.split('\t')
      return instants
        .split(' ')
        .map((instant) => `\`${reading(localIso(timezone, Date.parse(instant)))}\``)
        .join(', ')
    }),
  )
})

/** Of `2025-03-09T03:00:00-04:00`: `2025-03-09 03:00 -04:00`. */
function reading(local: string): string {
  return `${local.slice(0, 10)} ${local.slice(11, 16)} ${local.slice(19)}`
}

t.test('the SQL in time.md works as it stands, one block after the other, with an hour between them', async (t) => {
  const { sql, clock, scheduler } = await simulation(t, '2026-03-02T09:59:30Z')
  const blocks = (await blocksOf('docs/time.md')).filter(({ language }) => language === 'sql')
  t.ok(blocks.length > 10)
  for (const { code } of blocks) {
    await t.resolves(sql(code), code)
    await scheduler.runDue()
    await clock.advance(3_600_000)
  }
  t.same(await sql('select distinct status from pgbeat.backfills'), [{ status: 'completed' }])
  t.same(await sql(`select distinct reason from pgbeat.runs where status = 'missed' order by reason`), [
    { reason: 'catch_up_latest' },
    { reason: 'deleted' },
    { reason: 'edited' },
    { reason: 'paused' },
  ])
})

t.test('what time.md says that a program prints, it prints', async (t) => {
  const blocks = await blocksOf('docs/time.md')
  const { connectionString } = await testDatabase(t)
  let programs = 0
  for (const [index, { code: printed }] of blocks.entries()) {
    const program = blocks[index - 1]
    if (blocks[index]?.language !== 'text' || program === undefined) continue
    const { stdout } = await runBlock(program, { PATH: process.env.PATH, DATABASE_URL: connectionString })
    t.equal(stdout, printed)
    programs += 1
  }
  t.equal(programs, 2)
})
