import { writeFile } from 'node:fs/promises'
import { cliReference } from './cli-reference.ts'
import { httpReference } from './http-reference.ts'
import { metricsReference } from './metrics-reference.ts'

/** `npm run reference`: writes the pages of docs/reference that are made from the code. */
for (const [page, text] of [
  ['cli.md', await cliReference()],
  ['http.md', httpReference()],
  ['metrics.md', metricsReference()],
] as const) {
  await writeFile(new URL(`../../docs/reference/${page}`, import.meta.url), text)
}
