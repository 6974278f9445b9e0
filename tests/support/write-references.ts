import { writeFile } from 'node:fs/promises'
import { httpReference } from './http-reference.ts'
import { libraryReference } from './library-reference.ts'
import { metricsReference } from './metrics-reference.ts'

/** `npm run reference`: writes the pages of docs/reference that are made from the code. */
for (const [page, text] of [
  ['http.md', httpReference()],
  ['library.md', libraryReference()],
  ['metrics.md', metricsReference()],
] as const) {
  await writeFile(new URL(`../../docs/reference/${page}`, import.meta.url), text)
}
