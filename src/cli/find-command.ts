import type { Command, Commands, Diagnosis } from './command.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage-error.ts'

export interface Found {
  /** The words that lead to it. */
  readonly path: readonly string[]
  readonly command: Command | Diagnosis
  /** What follows. */
  readonly rest: readonly string[]
}

/**
 * Follows words to a command, as far as they are commands.
 * @throws UsageError for a word that is none where one has to be
 */
export async function findCommand(commands: Commands, [name = '', ...rest]: readonly string[]): Promise<Found> {
  let found: Found = { path: [name], command: await readCommand(commands, [], name), rest }
  for (;;) {
    const [next] = found.rest
    const { path, command } = found
    if (command.commands === undefined || next === undefined || next.startsWith('-')) return found
    found = {
      path: [...path, next],
      command: await readCommand(command.commands, path, next),
      rest: found.rest.slice(1),
    }
  }
}

async function readCommand(commands: Commands, path: readonly string[], name: string) {
  const read = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (read !== undefined) return read()
  const known = Object.keys(commands)
  const there = `; there are ${known.join(', ')}`
  throw new UsageError(
    `there is no command ${[...path, name].join(' ')}${didYouMean(name, known) || there}\nTry pgbeat ${['help', ...path].join(' ')}`,
  )
}
