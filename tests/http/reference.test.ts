import { readFile } from 'node:fs/promises'
import t from 'tap'
import { httpReference } from '../support/http-reference.ts'

t.test('docs/reference/http.md is what the document says', async (t) => {
  const page = await readFile(new URL('../../docs/reference/http.md', import.meta.url), 'utf8')
  t.equal(page, httpReference(), 'npm run reference writes it')
})
