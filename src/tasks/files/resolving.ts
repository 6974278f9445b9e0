// What task files import.
//
// `pgbeat` is the package that runs them, wherever they lie: an error of another copy would not be known for one. `zod` is
// theirs where they have it installed, and pgbeat's own otherwise. All else is resolved as ever.
//
// Node.js keeps a module for as long as the process lives. A file that is read again has another address, with the number
// of the reading; what it imports has that too, so that a change further down is seen.

import { createRequire, type ResolveHookSync, registerHooks } from 'node:module'
import { sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ownPackage } from '../../own-package.ts'

const folders = new Set<string>()
let isRegistered = false
let latest = ''

/** Has the files below a folder find what they import. */
export function resolveFor(folder: string): void {
  folders.add(folder)
  if (!isRegistered) registerHooks({ resolve })
  isRegistered = true
}

/** @param reading 0 for the first time */
export function addressOf(file: string, reading: number): string {
  latest = file
  return numbered(pathToFileURL(file).href, reading.toString())
}

/** The file of theirs that was looked for last: the one with the mistake, when there is one that can't be compiled. */
export function latestFile(): string {
  return latest
}

/** Forgets what CommonJS keeps of them, which goes by the file and not by the address. */
export function forgetModules(): void {
  const { cache } = createRequire(import.meta.url)
  for (const file of Object.keys(cache)) if (isBelow(file)) delete cache[file]
}

const resolve: ResolveHookSync = (specifier, context, next) => {
  const { parentURL } = context
  if (parentURL === undefined || !parentURL.startsWith('file:')) return next(specifier, context)
  const reading = new URL(parentURL).searchParams.get('reading')
  if (reading === null && !isBelow(fileURLToPath(parentURL))) return next(specifier, context)
  if (/^pgbeat(\/|$)/.test(specifier)) return ours(specifier)
  try {
    const found = next(specifier, context)
    const isTheirs = found.url.startsWith('file:') && !found.url.includes('/node_modules/')
    if (isTheirs) latest = fileURLToPath(found.url)
    return isTheirs && reading !== null ? { ...found, url: numbered(found.url, reading) } : found
  } catch (error) {
    if (!/^zod(\/|$)/.test(specifier)) throw error
    return { url: import.meta.resolve(specifier), shortCircuit: true }
  }
}

/** From the source, `pgbeat` is the source, too: dist would be another copy. */
const condition = import.meta.url.endsWith('.ts') ? 'pgbeat-source' : 'default'

function ours(specifier: string) {
  const file = ownPackage.exports[specifier.replace('pgbeat', '.')]?.[condition]
  const url = file === undefined ? import.meta.resolve(specifier) : new URL(`../../../${file}`, import.meta.url).href
  return { url, shortCircuit: true }
}

function isBelow(file: string): boolean {
  return [...folders].some((folder) => file.startsWith(`${folder}${sep}`)) && !file.includes(`${sep}node_modules${sep}`)
}

function numbered(url: string, reading: string): string {
  const address = new URL(url)
  if (reading !== '0') address.searchParams.set('reading', reading)
  return address.href
}
