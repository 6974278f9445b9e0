import type { Commands } from '../command.ts'
import type { Argument, Flag } from '../flags.ts'

/** A command, as completion knows it. */
export interface Word {
  /** With blanks between; empty for `pgbeat` itself. */
  readonly path: string
  readonly summary: string
  /** The words that may follow. */
  readonly commands: readonly string[]
  readonly flags: readonly (Flag & { readonly name: string })[]
  readonly takes: readonly Argument[]
}

/** All commands. */
export async function readWords(commands: Commands, path: readonly string[] = []): Promise<Word[]> {
  const below = await Promise.all(
    Object.entries(commands).map(async ([name, read]) => {
      const { summary, commands: next, flags = {}, arguments: takes = [] } = await read()
      if (next !== undefined) {
        const [own, ...rest] = await readWords(next, [...path, name])
        return [{ ...(own as Word), summary, flags: flagsOf(flags) }, ...rest]
      }
      return [{ path: [...path, name].join(' '), summary, commands: [], flags: flagsOf(flags), takes }]
    }),
  )
  const own = { path: path.join(' '), summary: '', commands: Object.keys(commands), flags: [], takes: [] }
  return [own, ...below.flat()]
}

/** Each by every name that it has. */
function flagsOf(flags: Readonly<Record<string, Flag>>): Word['flags'] {
  return Object.entries(flags).flatMap(([name, flag]) => [
    { ...flag, name },
    ...(flag.alias === undefined ? [] : [{ ...flag, name: flag.alias }]),
    ...(flag.negatable === true ? [{ ...flag, name: `no-${name}` }] : []),
  ])
}
