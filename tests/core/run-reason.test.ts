import { readFileSync } from 'node:fs'
import t from 'tap'
import { statusesWithReason } from '../../src/core/run-reason.ts'

t.test('runs with a reason are looked for in the states that the docs say they end in', async (t) => {
  const concepts = readFileSync(new URL('../../docs/concepts.md', import.meta.url), 'utf8')
  const table = concepts.slice(
    concepts.indexOf('| reason | status |'),
    concepts.indexOf('A run that is `running` with'),
  )
  const rows = [...table.matchAll(/^\| `(\w+)` \| ([\w, ]+) \|/gm)]
  t.equal(rows.length, 12)
  for (const [, reason = '', statuses = ''] of rows) {
    const isAboutToEnd = reason === 'cancelled' || reason === 'replaced'
    t.same(
      statusesWithReason(reason).toSorted(),
      [...statuses.split(', '), ...(isAboutToEnd ? ['running'] : [])].toSorted(),
      reason,
    )
  }
  for (const reason of ['no such reason', 'toString']) t.same(statusesWithReason(reason), [])
})
