import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { readConfig } from '../src/config/read-config.ts'
import { localIso } from '../src/core/local-time.ts'
import { runStatuses, statusesBefore } from '../src/core/run-state.ts'
import { testDatabase } from './support/database.ts'
import { simulation } from './support/simulation.ts'

const root = new URL('../', import.meta.url)
const text = (path: string) => readFile(new URL(path, root), 'utf8')

/** The blocks of code in a page, in their order. */
async function blocksOf(path: string): Promise<{ language: string; code: string }[]> {
  return [...(await text(path)).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

t.test('operations.md describes every variable, and no other', async (t) => {
  const documented = [...(await text('docs/operations.md')).matchAll(/^\| `((?:DATABASE|PGBEAT|REDIS)_\w+)` \|/gm)].map(
    ([, name]) => name,
  )
  const known = /known are (.*)/.exec(messageOf(() => readConfig({ PGBEAT_NOTHING: '1' })))?.[1]?.split(', ')
  t.same(documented, known)
})

t.test('links in the documentation lead somewhere', async (t) => {
  for (const path of await pages()) {
    for (const [, target = ''] of (await text(path)).matchAll(/\]\((?!https?:)([^)]+)/g)) {
      const { pathname, hash } = new URL(target, new URL(path, 'file:///'))
      const found = await readFile(new URL(`.${pathname}`, root), 'utf8').catch(ignoreDirectory)
      t.ok(hash === '' || anchorsOf(found ?? '').includes(hash), `${path} → ${target}`)
    }
  }
})

async function pages(): Promise<string[]> {
  const inDocs = await readdir(new URL('docs/', root), { recursive: true })
  return ['README.md', ...inDocs.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)]
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase())
  return headings.map((heading) => `#${heading.replace(/[^\w -]/g, '').replaceAll(' ', '-')}`)
}

t.test('the state diagram in concepts.md is the table in the code', async (t) => {
  const drawn = [...(await text('docs/concepts.md')).matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(
    ([, from, to]) => `${from} ${to}`,
  )
  const legal = runStatuses.flatMap((to) => statusesBefore(to).map((from) => `${from} ${to}`))
  t.same(drawn.sort(), legal.sort())
})

t.test('the SQL in the README works as it stands', async (t) => {
  const { pool } = await testDatabase(t)
  const blocks = (await blocksOf('README.md')).filter(({ language }) => language === 'sql')
  t.ok(blocks.length > 0)
  for (const { code } of blocks) await t.resolves(pool.query(code))
})

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
    const { stdout } = await run(program, { PATH: process.env.PATH, DATABASE_URL: connectionString })
    t.equal(stdout, printed)
    programs += 1
  }
  t.equal(programs, 2)
})

/** Runs a block of code as its reader would. */
function run({ language, code }: { language: string; code: string }, env: NodeJS.ProcessEnv) {
  const options = { env, cwd: fileURLToPath(root) }
  return language === 'sh'
    ? promisify(execFile)('sh', ['-c', code], options)
    : promisify(execFile)(
        process.execPath,
        ['--conditions=pgbeat-source', '--input-type=module-typescript', '--eval', code],
        options,
      )
}

function ignoreDirectory(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EISDIR') throw error
}

function messageOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
