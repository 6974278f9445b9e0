import { readdir, readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import t from 'tap'

const built = new URL('../../dist/web/', import.meta.url)
const most = 150_000

t.test('all of the dashboard together is small', async (t) => {
  const files = (await readdir(built, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
  t.ok(files.length > 2, 'npm run build has been run')
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => gzipSync(await readFile(`${parentPath}/${name}`)).length),
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)
  t.comment(`${total} bytes with gzip`)
  t.ok(total < most)
})
