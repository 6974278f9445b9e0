import type { Config } from '../config.ts'

/** One word of the command line. */
export interface Command {
  readonly summary: string
  run(config: Config): Promise<void>
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
