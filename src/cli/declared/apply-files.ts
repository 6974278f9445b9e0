import type { Calls } from '../../client/client.ts'
import { CommandFailure } from '../command-failure.ts'
import { UsageError } from '../usage-error.ts'
import { type ApplyOptions, applyDeclared } from './apply-declared.ts'
import { readDeclared } from './read-declared.ts'
import { readSources } from './read-sources.ts'

/**
 * Applies what files declare.
 * @param set besides what the files say
 * @throws CommandFailure with all that is wrong in them
 */
export async function applyFiles(
  api: Calls,
  files: readonly string[],
  { set: given, ...options }: Omit<ApplyOptions, 'set'> & { readonly set: string | undefined },
): Promise<void> {
  const { sets, entries, complaints } = readDeclared(readSources(files))
  if (complaints.length > 0) throw new CommandFailure(`nothing was done\n${complaints.join('\n')}`, 'usedWrongly')
  const set = oneSet(sets, given)
  for (const flag of ['prune', 'adopt'] as const) {
    if (options[flag] === true && set === undefined) {
      throw new UsageError(`--${flag} is about a set: name it in the file (set: web) or with --set`)
    }
  }
  await applyDeclared(api, entries, { ...options, ...(set !== undefined && { set }) })
}

function oneSet(declared: readonly string[], given: string | undefined): string | undefined {
  const [set, ...others] = new Set([...declared, ...(given === undefined ? [] : [given])])
  if (others.length > 0) throw new UsageError(`one set at a time, not ${[set, ...others].join(' and ')}`)
  return set
}
