import type { Calls } from '../../client/calls.ts'
import { type Command, command, type Invocation } from '../command.ts'
import type { Argument, Flags } from '../flags.ts'
import { exitWhenInterrupted } from '../interrupt.ts'
import { isForPeople } from '../output/is-for-people.ts'
import { connect } from './connect.ts'

export const urlFlag = {
  value: '<url>',
  summary: 'a remote API to work on, with the key PGBEAT_API_KEY; instead of DATABASE_URL',
} as const

const jsonFlag = { summary: 'JSON on a terminal, too' } as const

const commonFlags = { url: urlFlag, json: jsonFlag } as const

interface ApiInvocation<F extends Flags> extends Invocation<F> {
  readonly api: Calls
  /** Whether standard output is to be read by a person. */
  readonly isForPeople: boolean
}

interface ApiAction<F extends Flags> {
  readonly summary: string
  readonly description?: string
  readonly arguments?: readonly Argument[]
  readonly flags: F
  readonly examples?: readonly string[]
  /** Before anything is asked. @throws UsageError */
  check?(invocation: Invocation<F>): void
  run(invocation: ApiInvocation<F>): Promise<void>
}

/** Describes a command that works on what the API has, in this process or remotely. */
export function apiCommand<const F extends Flags>({ run, check, ...described }: ApiAction<F>): Command {
  return command({
    ...described,
    // Its own come first, and say more of what is common.
    flags: { ...described.flags, ...commonFlags, ...described.flags },
    async run(given) {
      exitWhenInterrupted()
      const { config, values } = given
      const invocation = given as unknown as Invocation<F>
      check?.(invocation)
      const { url, json } = values as { readonly url?: string; readonly json?: boolean }
      await connect(config, { url }, (api) => run({ ...invocation, api, isForPeople: isForPeople(json) }))
    },
  })
}
