import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { runStatuses, statusesBefore } from '../src/core/run-state.ts'
import { testDatabase } from './support/database.ts'

const text = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8')

t.test('operations.md describes every variable, and no other', async (t) => {
  const documented = [...(await text('docs/operations.md')).matchAll(/^\| `((?:DATABASE|PGBEAT)_\w+)` \|/gm)].map(
    ([, name]) => name,
  )
  const known = /known are (.*)/.exec(messageOf(() => readConfig({ PGBEAT_NOTHING: '1' })))?.[1]?.split(', ')
  t.same(documented, known)
})

t.test('links in the documentation lead somewhere', async (t) => {
  for (const path of ['README.md', 'docs/operations.md', 'docs/concepts.md']) {
    for (const [, target = ''] of (await text(path)).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      const url = new URL(target, new URL(path, 'file:///')).pathname.slice(1)
      await t.resolves(readFile(new URL(`../${url}`, import.meta.url)).catch(ignoreDirectory), `${path} → ${target}`)
    }
  }
})

t.test('the state diagram in concepts.md is the table in the code', async (t) => {
  const drawn = [...(await text('docs/concepts.md')).matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(
    ([, from, to]) => `${from} ${to}`,
  )
  const legal = runStatuses.flatMap((to) => statusesBefore(to).map((from) => `${from} ${to}`))
  t.same(drawn.sort(), legal.sort())
})

t.test('the SQL in the README works as it stands', async (t) => {
  const { pool } = await testDatabase(t)
  const blocks = [...(await text('README.md')).matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql ?? '')
  t.ok(blocks.length > 0)
  for (const sql of blocks) await t.resolves(pool.query(sql))
})

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
