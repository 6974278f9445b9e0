import { readFile } from 'node:fs/promises'
import t from 'tap'
import { cliReference } from '../support/cli-reference.ts'

t.test('docs/reference/cli.md is up to date', async (t) => {
  const page = await readFile(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')
  t.equal(page, await cliReference(), 'run npm run reference')
})
