import { globSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'

const extensions = /\.(ts|mts|js|mjs)$/
const noTask = /\.d\.m?ts$|\.(test|spec)\.m?[jt]s$/

/** The folders that PGBEAT_TASKS names. */
export function foldersOf(setting: string): string[] {
  const names = setting.split(',').map((name) => name.trim())
  return [...new Set(names.filter((name) => name !== '').map((name) => resolve(name)))]
}

/**
 * The files with tasks in a folder and those below it. What begins with _ or . is left out, folders too, and so are tests,
 * declarations of types and node_modules.
 * @throws Error for what is no folder
 */
export function findTaskFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${shown(folder)} is no folder`)
  return globSync('**/*', { cwd: folder, exclude: (path) => !mayBeTask(path) })
    .filter((path) => extensions.test(path) && !noTask.test(path))
    .map((path) => resolve(folder, path))
    .filter((file) => statSync(file).isFile())
    .sort()
}

/** Whether no part of a path below the folder says otherwise. */
function mayBeTask(path: string): boolean {
  return path.split(sep).every((part) => !/^[_.]/.test(part) && part !== 'node_modules')
}

/** A path as whoever started the process would write it. */
export function shown(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere || '.'
}
