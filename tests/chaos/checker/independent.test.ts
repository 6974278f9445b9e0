import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const folder = fileURLToPath(new URL('.', import.meta.url))

t.test('the checker shares nothing with what it judges: it imports its own files and pg', async (t) => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  t.ok(files.includes('check.ts'))
  const imports = files.flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8')
    return [...text.matchAll(/\bfrom\s+'([^']+)'|\bimport\(?\s*'([^']+)'/g)].map(([, from, other]) => from ?? other)
  })
  t.ok(imports.includes('pg') && imports.includes('./history.ts'))
  t.same(
    imports.filter((imported) => imported !== 'pg' && !/^\.\/[a-z-]+\.ts$/.test(imported ?? '')),
    [],
  )
})
