import type { Calls } from '../../client/client.ts'
import { exitCodes } from '../exit-codes.ts'
import { confirm } from '../output/confirm.ts'
import { tell, writeOne } from '../output/write.ts'
import { print } from '../print.ts'
import { type Applied, ask, type Options } from './ask.ts'
import { difference, differing, summary } from './present.ts'
import type { Entry } from './read-declared.ts'

export interface ApplyOptions extends Pick<Options, 'set' | 'adopt' | 'prune' | 'strict'> {
  readonly isDryRun: boolean
  /** Nobody is to be asked before something is deleted. */
  readonly isSure: boolean
  /** A difference is told by the exit code. */
  readonly tellsByExitCode: boolean
  readonly isForPeople: boolean
}

/** Shows what would become different, asks where something would go, and does what was shown; all of it or nothing. */
export async function applyDeclared(api: Calls, entries: readonly Entry[], options: ApplyOptions): Promise<void> {
  const { isDryRun, isSure, tellsByExitCode, isForPeople, ...asked } = options
  const planned = await ask(api, entries, { ...asked, dry_run: true })
  if (isForPeople) await print(difference(planned.data))
  const isSame = differing(planned.data) === 0
  if (!isSame && tellsByExitCode) process.exitCode = exitCodes.different
  if (isDryRun || isSame) {
    await conclude(planned, isForPeople)
    tell(isSame ? 'There is nothing to do.' : 'Nothing was changed: this was a dry run.')
    return
  }
  if (planned.data.deleted > 0) await confirm(`${summary(planned.data)}. Go on?`, isSure)
  const revisions = Object.fromEntries(planned.data.schedules.map(({ name, revision }) => [name, revision]))
  await conclude(await ask(api, entries, { ...asked, revisions }), isForPeople)
}

async function conclude({ data, meta }: Applied, isForPeople: boolean): Promise<void> {
  if (!isForPeople) await writeOne(data, () => [], false)
  for (const { message } of meta.warnings) tell(`pgbeat: ${message}`)
  tell(summary(data))
}
