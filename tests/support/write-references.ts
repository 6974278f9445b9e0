import { writeFile } from 'node:fs/promises'
import pg from 'pg'
import { migrate } from '../../src/store/migrate.ts'
import { cliReference } from './cli-reference.ts'
import { configurationReference } from './configuration-reference.ts'
import { errorsReference } from './errors-reference.ts'
import { httpReference } from './http-reference.ts'
import { libraryReference } from './library-reference.ts'
import { metricsReference } from './metrics-reference.ts'
import { startTestServer } from './server.ts'
import { sqlReference } from './sql-reference.ts'

/** `npm run reference`: writes the pages of docs/reference that are made from the code and the database. */
for (const [page, text] of [
  ['configuration.md', configurationReference()],
  ['errors.md', errorsReference()],
  ['cli.md', await cliReference()],
  ['http.md', httpReference()],
  ['library.md', libraryReference()],
  ['metrics.md', metricsReference()],
  ['sql.md', await sqlReferenceOfMigrations()],
] as const) {
  await writeFile(new URL(`../../docs/reference/${page}`, import.meta.url), text)
}

async function sqlReferenceOfMigrations(): Promise<string> {
  const server = await startTestServer()
  try {
    await migrate(server.connectionString)
    const client = new pg.Client({ connectionString: server.connectionString })
    await client.connect()
    const page = await sqlReference(client)
    await client.end()
    return page
  } finally {
    await server.stop()
  }
}
