import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const source = fileURLToPath(new URL('../src/', import.meta.url))

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(source, file), 'utf8') }))

/** What a file imports: packages by name, our own files by their path below src/. */
function importsOf({ file, text }: { file: string; text: string }): string[] {
  const statements = text.matchAll(/^(?:import|export)\s[\w\s{},*]*from\s+'([^']+)'|\bimport\('([^']+)'\)/gm)
  return [...statements].map(([, name, dynamic]) => {
    const specifier = name ?? dynamic ?? ''
    return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier
  })
}

function offences(isOffence: (file: string, imported: string) => boolean): string[] {
  return files.flatMap((source) =>
    importsOf(source)
      .filter((imported) => isOffence(source.file, imported))
      .map((imported) => `${source.file} imports ${imported}`),
  )
}

const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')

t.test('the imports are read', async (t) => {
  t.ok(files.length > 30)
  const tick = files.find(({ file }) => file === 'tick/decide-batch.ts')
  t.ok(tick && importsOf(tick).includes('core/decide.ts'))
})

t.test('core is pure: it imports croner and zod, nothing else, and does not read the clock', async (t) => {
  const allowed = ['croner', 'zod']
  t.same(
    offences(
      (file, imported) => folderOf(file) === 'core' && folderOf(imported) !== 'core' && !allowed.includes(imported),
    ),
    [],
  )
  const clocks = files.filter(
    ({ file, text }) => folderOf(file) === 'core' && /Date\.now\(|new Date\(\)|Math\.random/.test(text),
  )
  t.same(
    clocks.map(({ file }) => file),
    [],
  )
})

t.test('imports run one way: core ← store ← metrics ← tick, worker, mirror, http ← doctor ← cli', async (t) => {
  const above: Record<string, string[]> = {
    core: ['store', 'metrics', 'tick', 'worker', 'http', 'cli', 'tasks', 'dev', 'doctor'],
    store: ['metrics', 'tick', 'worker', 'http', 'cli', 'tasks', 'dev', 'doctor'],
    metrics: ['tick', 'worker', 'http', 'cli', 'tasks', 'dev', 'doctor'],
    tick: ['worker', 'http', 'cli', 'tasks', 'dev', 'doctor'],
    worker: ['tick', 'http', 'cli', 'tasks', 'dev', 'doctor'],
    http: ['tick', 'worker', 'cli', 'tasks', 'dev', 'doctor'],
    doctor: ['tick', 'worker', 'http', 'cli', 'dev'],
    dev: ['store', 'metrics', 'tick', 'worker', 'http', 'cli', 'tasks', 'core'],
    tasks: ['store', 'metrics', 'tick', 'worker', 'http', 'cli', 'core', 'dev'],
  }
  t.same(
    offences((file, imported) => above[folderOf(file)]?.includes(folderOf(imported)) ?? false),
    [],
  )
})

t.test('SQL is sent from store/ only, and by tasks to tables of their own', async (t) => {
  const mayQuery = ['store', 'tasks', 'dev']
  // Not what a docstring shows.
  const sends = /^(?! +\* ).*(\bsql`|\.query\()/m
  const found = files.filter(({ file, text }) => !mayQuery.includes(folderOf(file)) && sends.test(text))
  t.same(
    found.map(({ file }) => file),
    [],
  )
})

t.test('a task plug-in uses only the public API, and nobody else knows what it talks to', async (t) => {
  const plugIn = 'tasks/listed-info/'
  const allowed = ['task.ts', 'errors.ts']
  t.same(
    offences((file, imported) => {
      const isOurs = imported.endsWith('.ts') && !imported.startsWith(plugIn)
      return file.startsWith(plugIn) && isOurs && !allowed.includes(imported)
    }),
    [],
  )
  const talkers = files.filter(({ file, text }) => !file.startsWith(plugIn) && /j-?quants/i.test(text))
  t.same(
    talkers.map(({ file }) => file),
    [],
  )
})
