import type { Db } from '../../store/tables.ts'
import { type Command, command, type Invocation } from '../command.ts'
import type { Argument, Flags } from '../flags.ts'

/** Describes a command that works on the keys in the database: there may be none yet that an API would take. */
export function keysCommand<const F extends Flags>(action: {
  readonly summary: string
  readonly description?: string
  readonly arguments?: readonly Argument[]
  readonly flags: F
  readonly examples?: readonly string[]
  /** Reads what is given before a database is asked for anything. */
  read(invocation: Invocation<F>): (db: Db) => Promise<void>
}): Command {
  const { read, ...described } = action
  return command({
    ...described,
    async run(invocation) {
      const act = read(invocation)
      const { onKeys } = await import('./on-keys.ts')
      await onKeys(invocation.config, act)
    },
  })
}
