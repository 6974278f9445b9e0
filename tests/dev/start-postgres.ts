import { startPostgres } from '../../src/dev/postgres.ts'

// A process that the tests kill: says what it does, then lives on.
const [dataDir = ''] = process.argv.slice(2)
const server = await startPostgres({ dataDir, settings: { fsync: 'off' }, onLog: console.log })
console.log(server.connectionString)
setInterval(() => {}, 60_000)
