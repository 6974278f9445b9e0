import type { z } from 'zod'
import type { Config } from '../config/variables.ts'
import type { Argument, Flags, Values } from './flags.ts'
import { UsageError } from './usage-error.ts'

export { UsageError } from './usage-error.ts'

interface Described {
  /** Begins small and has no stop. */
  readonly summary: string
  /** What there is to know besides, in sentences. */
  readonly description?: string
  /** A command without arguments and flags takes none. */
  readonly arguments?: readonly Argument[]
  readonly flags?: Flags
  /** Command lines, without `pgbeat`. */
  readonly examples?: readonly string[]
  /** The words that may follow; each is read when it is asked for. */
  readonly commands?: Commands
}

export type Commands = Readonly<Record<string, () => Promise<Command | Diagnosis>>>

/** One word of the command line, or several. */
export interface Command extends Described {
  run(config: Config, args: string[]): Promise<void>
}

/** A command that is there to find out what is wrong, with the environment too. */
export interface Diagnosis extends Described {
  /** Answers the exit code. */
  diagnose(environment: NodeJS.ProcessEnv, args: string[]): Promise<number>
}

export interface Invocation<F extends Flags> {
  readonly config: Config
  readonly values: Values<F>
  /** The arguments that are no flags. */
  readonly given: readonly string[]
}

interface Action<F extends Flags> extends Omit<Described, 'commands'> {
  readonly flags: F
  run(invocation: Invocation<F>): Promise<void>
}

/** Describes a command by its flags, which are read as they are described. */
export function command<const F extends Flags>({ run, ...described }: Action<F>): Command {
  return {
    ...described,
    async run(config, args) {
      const { readInvocation } = await import('./read-arguments.ts')
      await run({ config, ...readInvocation(described, args) })
    },
  }
}

interface Inquiry<F extends Flags> extends Described {
  readonly flags: F
  /** Answers the exit code. */
  diagnose(environment: NodeJS.ProcessEnv, values: Values<F>): Promise<number>
}

/** The same for one that is there to find out what is wrong. */
export function diagnosis<const F extends Flags>({ diagnose, ...described }: Inquiry<F>): Diagnosis {
  return {
    ...described,
    async diagnose(environment, args) {
      const { readInvocation } = await import('./read-arguments.ts')
      return diagnose(environment, readInvocation(described, args).values)
    },
  }
}

/** Describes a word that other words follow. */
export function group(summary: string, commands: Commands): Command {
  return {
    summary,
    commands,
    async run(config, args) {
      if (args.length === 0) throw new UsageError(`give one of ${Object.keys(commands).join(', ')}`)
      const { findCommand } = await import('./find-command.ts')
      const { command: found, rest } = await findCommand(commands, args)
      if ('run' in found) await found.run(config, [...rest])
    },
  }
}

/** @throws UsageError when the environment names no database */
export function requireDatabase({ DATABASE_URL }: Config): string {
  if (DATABASE_URL === undefined) {
    throw new UsageError('DATABASE_URL is not set, e.g. postgres://user:password@localhost:5432/name')
  }
  return DATABASE_URL
}

/** @throws UsageError with the options that have values which can't be used */
export function readOptions<Schema extends z.ZodType>(schema: Schema, values: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(values)
  if (success) return data
  throw new UsageError(error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'))
}
