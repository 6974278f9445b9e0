import t from 'tap'
import { configurationReference } from '../support/configuration-reference.ts'
import { errorsReference } from '../support/errors-reference.ts'
import { text } from './page.ts'

t.test('docs/reference/configuration.md is what reads the environment', async (t) => {
  t.equal(await text('docs/reference/configuration.md'), configurationReference(), 'npm run reference writes it')
})

t.test('docs/reference/errors.md is what HTTP and SQL answer', async (t) => {
  t.equal(await text('docs/reference/errors.md'), errorsReference(), 'npm run reference writes it')
})
