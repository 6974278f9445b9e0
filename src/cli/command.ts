import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { z } from 'zod'
import type { Config } from '../config/variables.ts'

interface Described {
  readonly summary: string
  /** What may follow it, such as `[--json]`, one form a line; a command without takes no arguments. */
  readonly usage?: string
}

/** One word of the command line. */
export interface Command extends Described {
  run(config: Config, args: string[]): Promise<void>
}

/** A command that is there to find out what is wrong, with the environment too. */
export interface Diagnosis extends Described {
  /** Answers the exit code. */
  diagnose(environment: NodeJS.ProcessEnv, args: string[]): Promise<number>
}

/** The command line was used wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError when the environment names no database */
export function requireDatabase({ DATABASE_URL }: Config): string {
  if (DATABASE_URL === undefined) {
    throw new UsageError('DATABASE_URL is not set, e.g. postgres://user:password@localhost:5432/name')
  }
  return DATABASE_URL
}

/** @throws UsageError for an option that there is not, or that lacks its value */
export function readArguments<Options extends ParseArgsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ ...options, args })
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

/** @throws UsageError with the options that have values which can't be used */
export function readOptions<Schema extends z.ZodType>(schema: Schema, values: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(values)
  if (success) return data
  throw new UsageError(error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'))
}
