import { readFile } from 'node:fs/promises'
import t from 'tap'
import { metricsReference } from '../support/metrics-reference.ts'

const page = await readFile(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8')

t.test('docs/reference/metrics.md is what the registries say', async (t) => {
  const made = metricsReference()
  t.equal(ourPart(page), ourPart(made), 'run `npm run reference` after changing a metric')
  // Other systems tell less of their processes.
  if (process.platform === 'linux') t.equal(page, made)
})

function ourPart(text: string): string {
  return text.slice(0, text.indexOf('## Of each process'))
}

t.test('every metric of ours has the prefix, and its unit where it has one', async (t) => {
  const rows = [...ourPart(page).matchAll(/^\| `(\w+)` \| (\w+) \| (.*) \| (.+) \|$/gm)]
  t.ok(rows.length > 30)
  for (const [, name = '', type, labels = ''] of rows) {
    t.match(name, /^pgbeat_[a-z0-9_]+$/)
    if (type === 'histogram') t.match(name, /_seconds$/)
    t.notMatch(labels, /schedule/, 'a label for each schedule would be without end')
  }
})
