import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What an npm script that runs the tests sets, and what configures pgbeat, is none of the project's. */
const notOfProject = /^(npm_(?!config_(registry|cache|userconfig)$)|NODE_OPTIONS$|DATABASE_URL$|PG|REDIS_|TAP)/i

/** With a PATH on which `node` is the one that runs the tests. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !notOfProject.test(name))),
  npm_config_update_notifier: 'false',
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
}

export interface Package {
  /** The tarball. */
  readonly path: string
  /** What is in it. */
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[]
}

/** `npm pack`, of what was built already. */
export async function pack(t: Pick<Test, 'teardown'>): Promise<Package> {
  const directory = await newDirectory(t)
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory]
  const { stdout } = await run('npm', args, root)
  // npm 11 and earlier answer a list, later ones a package by its name.
  const [packed] = Object.values(JSON.parse(stdout)) as { filename: string; files: Package['files'] }[]
  if (packed === undefined) throw new Error(`npm packed nothing: ${stdout}`)
  return { path: join(directory, packed.filename), files: packed.files }
}

export interface Project {
  readonly directory: string
  /** Whether npm installed the package and its dependencies, or they were laid out by hand. */
  readonly isByNpm: boolean
  run(program: string, args: string[], env?: NodeJS.ProcessEnv): ReturnType<typeof run>
  /** A script that is `pgbeat` with a word behind it. */
  script(word: string): Promise<URL>
}

/**
 * An empty project with the package installed. Where npm reaches its registry that is `npm install`. Where it does not,
 * as in a sandbox, the tarball is unpacked into node_modules, and beside it are links to the packages that npm ci has
 * installed here and that the lock file says are needed without those for development: what package.json has forgotten
 * is missing there, too.
 */
export async function install(t: Pick<Test, 'teardown'>, tarball: string): Promise<Project> {
  const directory = await newDirectory(t)
  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n')
  const isByNpm = await run('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=3000'], directory).then(
    () => true,
    () => false,
  )
  if (isByNpm) {
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], directory)
  } else {
    await layOut(directory, tarball)
  }
  return {
    directory,
    isByNpm,
    run: (program, args, env = {}) => run(program, args, directory, env),
    async script(word) {
      const path = join(directory, word)
      const lines = ['#!/bin/sh', `PATH='${environment.PATH}' exec '${directory}/node_modules/.bin/pgbeat' ${word}`, '']
      await writeFile(path, lines.join('\n'), { mode: 0o755 })
      return pathToFileURL(path)
    },
  }
}

async function layOut(directory: string, tarball: string): Promise<void> {
  const modules = join(directory, 'node_modules')
  await mkdir(join(modules, '.bin'), { recursive: true })
  await run('tar', ['-xzf', tarball], modules)
  await run('mv', ['package', 'pgbeat'], modules)
  const { bin } = JSON.parse(await readFile(join(modules, 'pgbeat/package.json'), 'utf8'))
  await symlink(join('../pgbeat', bin.pgbeat), join(modules, '.bin/pgbeat'))
  await run('chmod', ['+x', join(modules, 'pgbeat', bin.pgbeat)], modules)
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true; devOptional?: true; optional?: true }>
  }
  for (const [path, { dev, devOptional, optional }] of Object.entries(packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev || devOptional || optional) continue
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await symlink(join(root, path), join(directory, path))
  }
}

/** Puts a program into a project and compiles it there. */
export async function compile({ directory, run }: Project, name: string): Promise<void> {
  const source = fileURLToPath(new URL('project/', import.meta.url))
  for (const file of [`${name}.ts`, 'tsconfig.json']) await copyFile(join(source, file), join(directory, file))
  await run(process.execPath, [join(root, 'node_modules/typescript/lib/tsc.js'), '-p', '.'])
}

async function newDirectory(t: Pick<Test, 'teardown'>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pgbeat-package-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** @throws with what it has said when it fails */
async function run(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  try {
    return await promisify(execFile)(program, args, { cwd, env: { ...environment, ...env }, maxBuffer: 2 ** 26 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`, { cause: error })
  }
}
