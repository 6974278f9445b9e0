import { type Command, command, type Invocation } from '../command.ts'
import { urlFlag } from '../connect/api-command.ts'
import { outputFlag } from '../declared/export.ts'
import type { Argument, Flags } from '../flags.ts'
import { exitWhenInterrupted } from '../interrupt.ts'
import { UsageError } from '../usage-error.ts'
import type { Found } from './found.ts'

export const commonFlags = {
  output: outputFlag,
  apply: { summary: 'apply them at once, all or nothing' },
  'dry-run': { summary: 'with --apply: only show what would become different' },
  set: { value: '<name>', summary: 'what the schedules belong to, for apply --prune' },
  strict: { summary: 'end with 1 when something is lost or different' },
  url: urlFlag,
  json: { summary: 'with --apply: JSON on a terminal, too' },
} as const

interface ImportAction<F extends Flags> {
  readonly summary: string
  readonly description: string
  readonly arguments?: readonly Argument[]
  readonly flags: F
  readonly examples: readonly string[]
  /** Before anything is read. @throws UsageError */
  check?(invocation: Invocation<F & typeof commonFlags>): void
  read(invocation: Invocation<F>): Promise<Found>
}

/** Describes a command that finds schedules elsewhere, and writes them down as `apply` reads them, or applies them. */
export function importCommand<const F extends Flags>({ read, check, ...described }: ImportAction<F>): Command {
  return command({
    ...described,
    flags: { ...described.flags, ...commonFlags },
    async run(given) {
      exitWhenInterrupted()
      const invocation = given as unknown as Invocation<F & typeof commonFlags>
      const values = given.values as Invocation<typeof commonFlags>['values']
      if (values.apply !== true && values['dry-run'] === true) throw new UsageError('--dry-run goes with --apply')
      if (values.apply === true && values.output !== undefined)
        throw new UsageError('give --output or --apply, not both')
      check?.(invocation)
      const found = await read(given as unknown as Invocation<F>)
      const { settle } = await import('./settle.ts')
      await settle(given.config, found, values)
    },
  })
}
