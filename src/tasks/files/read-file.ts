import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Task } from '../../task.ts'
import { shown } from './find-files.ts'
import { addressOf, latestFile } from './resolving.ts'

/** A file has no task that could be run; the message begins with the file, and with the line where that is known. */
class TaskFileError extends Error {
  override readonly name = 'TaskFileError'
}

/**
 * Imports a file and looks at what it exports.
 * @throws TaskFileError
 */
export async function readTaskFile(file: string, reading: number): Promise<Task> {
  const module: { readonly default?: unknown } = await import(addressOf(file, reading)).catch((error: unknown) => {
    throw new TaskFileError(whyNot(file, error), { cause: error })
  })
  const problem = problemOf(module)
  if (problem !== null) throw new TaskFileError(`${shown(file)}: ${problem}`)
  return module.default as Task
}

const taskName = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/

function problemOf(module: { readonly default?: unknown }): string | null {
  if (module.default === undefined) {
    return 'has no default export; it is to be defineTask({ … }). The name of a file that is no task begins with _'
  }
  if (typeof module.default !== 'object' || module.default === null) return notATask('it is no object')
  const { name, description, payload, run } = module.default as Partial<Task>
  if (typeof name !== 'string' || !taskName.test(name)) {
    return notATask('name must be letters, digits, _, -, . and :, beginning with a letter or digit, at most 128')
  }
  if (typeof description !== 'string') return notATask('description must be text')
  if (typeof run !== 'function') return notATask('run must be a function')
  try {
    z.toJSONSchema(payload as z.ZodType, { io: 'input', unrepresentable: 'any' })
  } catch {
    return notATask('payload must be a schema of zod 4')
  }
  return null
}

function notATask(why: string): string {
  return `its default export is not a task: ${why}`
}

function whyNot(file: string, error: unknown): string {
  if (!(error instanceof Error)) return `${shown(file)}: throws ${String(error)}`
  const at = placeOf(error) ?? (error instanceof SyntaxError ? placeBySyntax(latestFile()) : null) ?? shown(file)
  const message = error.message.split('\n', 1)[0]?.replaceAll(/[?&]reading=\d+/g, '')
  return `${at}: ${error.name}: ${message}`
}

/** The first place in an error's stack that is in a file of theirs. */
function placeOf({ stack = '' }: Error): string | null {
  for (const [, url = '', line] of stack.matchAll(/(file:\/\/[^\s?:]+)(?:\?[^\s:]*)?:(\d+)/g)) {
    if (!url.startsWith(ownSource) && !url.includes('/node_modules/')) return `${shown(fileURLToPath(url))}:${line}`
  }
  return null
}

const ownSource = new URL('../../', import.meta.url).href

/** Most errors say what is wrong, and not where; Node.js tells it when it checks the file. */
function placeBySyntax(file: string): string | null {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' })
  const [, line] = /^(?:file:\/\/)?\S+?:(\d+)$/m.exec(stderr) ?? []
  return line === undefined ? null : `${shown(file)}:${line}`
}
