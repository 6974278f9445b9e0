import { readFile } from 'node:fs/promises'
import t from 'tap'
import { libraryReference, readExports } from '../support/library-reference.ts'

t.test('all that is exported has a docstring', async (t) => {
  const exported = [...readExports()].flatMap(([entry, found]) => found.map((one) => ({ entry, ...one })))
  t.ok(exported.length > 40)
  t.same(
    exported.filter(({ documentation }) => documentation === '').map(({ entry, name }) => `${entry}: ${name}`),
    [],
  )
})

t.test('docs/reference/library.md is what the source says', async (t) => {
  const page = await readFile(new URL('../../docs/reference/library.md', import.meta.url), 'utf8')
  t.equal(page, libraryReference(), 'run `npm run reference` after changing what is exported')
})
