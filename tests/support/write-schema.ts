import { writeFile } from 'node:fs/promises'
import pg from 'pg'
import { migrate } from '../../src/store/migrate.ts'
import { dumpSchema } from './dump-schema.ts'
import { startTestServer } from './server.ts'

/** `npm run schema`: writes db/schema.sql anew from the migrations. */
const server = await startTestServer()
try {
  await migrate(server.connectionString)
  const client = new pg.Client({ connectionString: server.connectionString })
  await client.connect()
  await writeFile(new URL('../../db/schema.sql', import.meta.url), await schemaFile(client))
  await client.end()
} finally {
  await server.stop()
}

async function schemaFile(client: pg.Client): Promise<string> {
  return `-- Made from the migrations by \`npm run schema\`; not to be edited. It shows what there is, to read in one go.\n\n${await dumpSchema(client, 'pgbeat')}`
}
