import t from 'tap'
import { replaceSection } from '../../bench/support/section.ts'

const page = '# Page\n\n<!-- one -->\n\nold\n\n<!-- /one -->\n<!-- two -->\n\nkept\n\n<!-- /two -->\n'

t.test('a section is replaced between its markers, and nothing else', async (t) => {
  const replaced = replaceSection(page, 'one', '## One\n')
  t.equal(replaced, page.replace('old', '## One'))
  t.equal(replaceSection(replaced, 'one', 'old'), page)
})

t.test('a page without the markers is not written', async (t) => {
  t.throws(() => replaceSection(page, 'three', 'text'), /no section/)
  t.throws(() => replaceSection('<!-- one -->\n', 'one', 'text'), /no section/)
})
