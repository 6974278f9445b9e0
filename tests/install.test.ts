import { readFile } from 'node:fs/promises'
import t from 'tap'

interface LockedPackage {
  integrity?: string
  resolved?: string
  hasInstallScript?: boolean
  optionalDependencies?: Record<string, string>
}

const { allowScripts } = await read<{ allowScripts: Record<string, boolean> }>('package.json')
const { packages } = await read<{ packages: Record<string, LockedPackage> }>('package-lock.json')
const installed = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, locked]) => ({ name: path.split('node_modules/').at(-1) ?? '', ...locked }))

t.test('npm ci may run the install scripts that are needed, those of Node and of Postgres', async (t) => {
  const withScripts = installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)
  t.same(Object.keys(allowScripts).sort(), [...withScripts].sort())
})

t.test('the lock file holds on every platform', async (t) => {
  // npm leaves out what the registry did not have when the file was written, and npm ci then refuses the file.
  const names = new Set(installed.map(({ name }) => name))
  const optional = installed.flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  t.same(
    optional.filter((name) => !names.has(name)),
    [],
  )
})

t.test('the lock file has checksums and no addresses', async (t) => {
  t.same(
    installed.filter(({ integrity, resolved }) => !integrity || resolved),
    [],
  )
})

async function read<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`../${name}`, import.meta.url), 'utf8'))
}
