import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { runStatuses, statusesBefore } from '../../src/core/run-state.ts'
import { root, text } from './page.ts'

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
  const atTop = (await readdir(root)).filter((path) => path.endsWith('.md'))
  return [...atTop, ...inDocs.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)]
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase())
  return headings.map((heading) => `#${heading.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')}`)
}

t.test('the state diagram in concepts.md is the table in the code', async (t) => {
  const drawn = [...(await text('docs/concepts.md')).matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(
    ([, from, to]) => `${from} ${to}`,
  )
  const legal = runStatuses.flatMap((to) => statusesBefore(to).map((from) => `${from} ${to}`))
  t.same(drawn.sort(), legal.sort())
})

function ignoreDirectory(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EISDIR') throw error
}
