import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readConfig } from '../src/config/read-config.ts'
import { aliases, type Variable, variables } from '../src/config/variables.ts'

const text = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8')
const [example, compose, composeForDevelopment, plugIn] = await Promise.all([
  text('.env.example'),
  text('docker-compose.yml'),
  text('docker-compose.dev.yml'),
  text('src/tasks/listed-info/config.ts'),
])

const ours = Object.keys(variables) as Variable[]
const ofTasks = [...plugIn.matchAll(/^ {2}(JQUANTS_\w+): z$|^ {2}(JQUANTS_\w+): z\./gm)].map(
  ([, name, other]) => name ?? other ?? '',
)
const all = [...ours, ...ofTasks, ...Object.keys(aliases)]

/** The lines of .env.example: each variable with its value, whether it is commented out, and the comment above it. */
const lines = example.split('\n\n').flatMap((block) => {
  const found = /^((?:# .*\n)+)(#?)([A-Z_]+)=(.*)$/.exec(block.trim())
  if (found === null) return []
  const [, comment = '', hash, name = '', value = ''] = found
  return [{ name, value, isCommentedOut: hash === '#', comment: comment.split('\n').map((line) => line.slice(2)) }]
})

/** The variables that a compose file takes from .env. */
const takenBy = (file: string) => [...file.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)

t.test('.env.example has every variable, and no other', async (t) => {
  t.equal(lines.length, example.match(/^#?[A-Z_]+=/gm)?.length, 'each has a comment')
  const ofCompose = [...takenBy(compose), 'COMPOSE_PROFILES'].filter((name) => !all.includes(name))
  t.same(lines.map(({ name }) => name).sort(), [...all, ...new Set(ofCompose)].sort())
})

t.test('.env.example says what the code says of variables, and of their defaults', async (t) => {
  for (const { name, value, isCommentedOut, comment } of lines) {
    const variable = variables[name as Variable]
    if (variable === undefined) continue
    t.equal(comment[0]?.replace(/\.$/, ''), variable.description?.replace(/\.$/, ''), name)
    const { data } = variable.safeParse(undefined)
    if (data !== undefined) t.same({ value, isCommentedOut }, { value: String(data), isCommentedOut: true }, name)
  }
  for (const { name, comment } of lines) if (aliases[name] !== undefined) t.equal(comment[0], aliases[name], name)
})

t.test('.env.example can be used as it is, and with all that is commented out', async (t) => {
  const used = lines.filter(({ isCommentedOut }) => !isCommentedOut).map(({ name }) => name)
  t.same(used, ['POSTGRES_PASSWORD', 'DATABASE_URL'])
  const environment = Object.fromEntries(lines.map(({ name, value }) => [name, value]))
  t.doesNotThrow(() => readConfig({ ...environment, DATABASE_URL: 'postgres://pgbeat:pgbeat@postgres:5432/pgbeat' }))
})

t.test('docker-compose.yml gives every container of ours every variable', async (t) => {
  const [, list = ''] = /^x-environment: &environment\n((?: {2}.*\n)+)/m.exec(compose) ?? []
  const given = [...list.matchAll(/^ {2}(\w+): (.*)$/gm)].map(([, name = '', value]) => ({ name, value }))
  // Of `npm start` only.
  const wanted = all.filter((name) => name !== 'PGBEAT_DATA_DIR')
  t.same(given.map(({ name }) => name).sort(), wanted.sort())
  for (const { name, value } of given) {
    const ownValue = /^PGBEAT_(HOST|PORT)$/.test(name)
    t.match(value, ownValue ? /^[\d.]+$/ : new RegExp(`^\\$\\{${name}:[-?].*\\}$`), name)
    if (!['DATABASE_URL', 'PGBEAT_API_URL'].includes(name) && !ownValue) t.equal(value, `\${${name}:-}`)
  }
  t.match(compose, /^x-pgbeat: &pgbeat\n(?: {2}.*\n)*? {2}environment: \*environment$/m)
  t.match(compose, /^x-serving: &serving\n {2}<<: \*pgbeat$/m)
  for (const service of ['migrate', 'api', 'tick', 'worker']) {
    const [block = ''] = new RegExp(`^ {2}${service}:\\n(?: {4}.*\\n)+`, 'm').exec(compose) ?? []
    t.match(block, / {4}<<: \*(pgbeat|serving)\n/, service)
    t.notMatch(block, /environment/, `${service} has no list of its own, which would replace the common one`)
  }
})

t.test('docker-compose.dev.yml names variables that there are', async (t) => {
  const named = [...composeForDevelopment.matchAll(/^ +([A-Z_]{4,}): /gm)].map(([, name = '']) => name)
  t.ok(named.length > 5)
  t.same(
    [...named, ...takenBy(composeForDevelopment)].filter((name) => ![...all, 'IMAGE'].includes(name)),
    [],
  )
})
