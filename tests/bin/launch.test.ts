import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const bin = fileURLToPath(new URL('../../bin/', import.meta.url))
const launchers = readdirSync(bin).filter((name) => name !== 'launch.sh' && name !== 'pgbeat')

for (const name of launchers) {
  t.test(`bin/${name} is the command ${name} with its arguments as they are`, async (t) => {
    const { root, path } = installed(t)
    fakeNode(path, 'v26.10.0')
    const { stdout } = run(join(root, 'bin', name), path, ['--name', 'two words', '$x'])
    t.equal(
      stdout,
      `v26.10.0 <--conditions=pgbeat-source> <${root}/src/cli/main.ts> <${name}> <--name> <two words> <$x>\n`,
    )
  })
}

t.test('bin/pgbeat is the whole command line', async (t) => {
  const { root, path } = installed(t)
  fakeNode(path, 'v26.10.0')
  const { stdout } = run(join(root, 'bin/pgbeat'), path, ['preview', '* * * * *'])
  t.equal(stdout, `v26.10.0 <--conditions=pgbeat-source> <${root}/src/cli/main.ts> <preview> <* * * * *>\n`)
})

t.test('where there is no source, what was made of it runs', async (t) => {
  const { root, path } = installed(t)
  fakeNode(path, 'v26.10.0')
  rmSync(join(root, 'src'), { recursive: true })
  t.equal(run(join(root, 'bin/tick'), path).stdout, `v26.10.0 <${root}/dist/cli/main.js> <tick>\n`)
})

t.test('the node on the PATH is used from 22.18 on', async (t) => {
  for (const version of ['v22.18.0', 'v23.11.1', 'v24.0.0', 'v26.10.0']) {
    const { root, path, modules } = installed(t)
    fakeNode(path, version)
    fakeNode(join(modules, '.bin'), 'v99.0.0')
    t.match(run(join(root, 'bin/tick'), path).stdout, version)
  }
})

t.test("an older one gives way to the package's own", async (t) => {
  for (const version of ['v22.17.1', 'v20.20.2', 'v8.0.0']) {
    const { root, path, modules } = installed(t)
    fakeNode(path, version)
    fakeNode(join(modules, '.bin'), 'v26.10.0')
    t.match(run(join(root, 'bin/tick'), path).stdout, 'v26.10.0')
  }
})

t.test("the package's own node may lie further up, and the launcher behind a link", async (t) => {
  const { root, path, modules } = installed(t, 'node_modules/pgbeat')
  fakeNode(path, 'v20.20.2')
  fakeNode(join(modules, '.bin'), 'v26.10.0')
  symlinkSync('../pgbeat/bin/tick', join(modules, '.bin/tick'))
  t.match(
    run(join(modules, '.bin/tick'), path).stdout,
    `v26.10.0 <--conditions=pgbeat-source> <${root}/src/cli/main.ts> <tick>`,
  )
})

t.test('Node keeps what it made of the source, where it can and nobody wants it elsewhere', async (t) => {
  const { root, path, modules } = installed(t)
  symlinkSync(process.execPath, join(modules, '.bin/node'))
  const say = 'console.log(process.env.NODE_COMPILE_CACHE ?? "nowhere")'
  writeFileSync(join(root, 'src/cli/main.ts'), say)
  t.equal(run(join(root, 'bin/tick'), path).stdout, `${modules}/.cache/pgbeat\n`)
  const wanted = spawnSync(join(root, 'bin/tick'), { env: { PATH: path, NODE_COMPILE_CACHE: join(modules, 'wanted') } })
  t.equal(String(wanted.stdout), `${modules}/wanted\n`)
  mkdirSync(join(root, 'dist/cli'), { recursive: true })
  writeFileSync(join(root, 'dist/cli/main.js'), say)
  rmSync(join(root, 'src'), { recursive: true })
  t.equal(run(join(root, 'bin/tick'), path).stdout, 'nowhere\n', 'there is no source')
})

t.test('without a node that is new enough one line says what to do', async (t) => {
  const { root, path } = installed(t)
  const none = run(join(root, 'bin/tick'), path)
  t.equal(none.stderr, 'pgbeat: needs Node.js 22.18 or newer, found none: run npm ci, or install it\n')
  t.equal(none.status, 1)
  fakeNode(path, 'v20.20.2')
  const old = run(join(root, 'bin/tick'), path)
  t.equal(old.stderr, 'pgbeat: needs Node.js 22.18 or newer, found v20.20.2: run npm ci, or install it\n')
  t.equal(old.status, 1)
})

t.test('in a fresh clone one line says what to do', async (t) => {
  const root = newDirectory(t)
  cpSync(bin, join(root, 'bin'), { recursive: true })
  const { stderr, status } = run(join(root, 'bin/tick'), systemPath(join(root, 'path')))
  t.equal(stderr, 'pgbeat: its dependencies are missing: run npm ci first\n')
  t.equal(status, 1)
})

t.test('the process that was started is the one that works and gets the signals', async (t) => {
  const { root, path } = installed(t)
  symlinkSync(process.execPath, join(path, 'node'))
  writeFileSync(join(root, 'src/cli/main.ts'), 'console.log(process.pid as number); setInterval(() => {}, 60_000)')
  const child = spawn(join(root, 'bin/worker'), { env: { PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] })
  const [pid] = await once(createInterface({ input: child.stdout }), 'line')
  t.equal(Number(pid), child.pid)
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [null, 'SIGTERM'])
})

interface Installed {
  /** The package's directory. */
  root: string
  /** A PATH with what the launcher needs, and no node. */
  path: string
  /** The node_modules with its dependencies. */
  modules: string
}

function installed(t: Test, place = '.'): Installed {
  const top = newDirectory(t)
  for (const name of ['.bin', 'graphile-worker']) mkdirSync(join(top, 'node_modules', name), { recursive: true })
  const root = join(top, place)
  cpSync(bin, join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'src/cli'), { recursive: true })
  writeFileSync(join(root, 'src/cli/main.ts'), '')
  return { root, path: systemPath(join(top, 'path')), modules: join(top, 'node_modules') }
}

/** Outside the repository, whose node_modules the launcher would find. */
function newDirectory(t: Test): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'pgbeat-launch-')))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

function systemPath(directory: string): string {
  mkdirSync(directory)
  for (const name of ['sh', 'dirname', 'readlink']) {
    symlinkSync(
      spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(),
      join(directory, name),
    )
  }
  return directory
}

function fakeNode(directory: string, version: string): void {
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nprintf '${version}'; printf ' <%s>' "$@"; echo\n`
  writeFileSync(join(directory, 'node'), script, { mode: 0o755 })
}

function run(launcher: string, path: string, args: string[] = []): SpawnSyncReturns<string> {
  return spawnSync(launcher, args, { env: { PATH: path }, cwd: dirname(path), encoding: 'utf8' })
}
