import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** A text and what it is called where something is wrong with it. */
export interface Source {
  readonly name: string
  readonly text: string
}

const extensions = /\.(ya?ml|json)$/

/**
 * Files, `-` for standard input, and folders, of which the YAML and JSON files are read by name.
 * @throws UsageError
 */
export function readSources(paths: readonly string[]): Source[] {
  return paths.flatMap((path) => {
    try {
      return path === '-' ? [{ name: 'standard input', text: readFileSync(0, 'utf8') }] : filesAt(path).map(readSource)
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError((error as Error).message)
    }
  })
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const files = readdirSync(path).filter((name) => extensions.test(name))
  if (files.length === 0) throw new UsageError(`${path}: there are no YAML or JSON files in this folder`)
  return files.sort().map((name) => join(path, name))
}

function readSource(path: string): Source {
  return { name: path, text: readFileSync(path, 'utf8') }
}
