import { writeFileSync } from 'node:fs'
import type { Config } from '../../config/variables.ts'
import { type Command, command, type Invocation } from '../command.ts'
import { CommandFailure } from '../command-failure.ts'
import { urlFlag } from '../connect/api-command.ts'
import { connect } from '../connect/connect.ts'
import { applyDeclared } from '../declared/apply-declared.ts'
import { outputFlag } from '../declared/export.ts'
import type { Entry } from '../declared/read-declared.ts'
import { toYaml } from '../declared/to-yaml.ts'
import type { Argument, Flags } from '../flags.ts'
import { exitWhenInterrupted } from '../interrupt.ts'
import { isForPeople } from '../output/is-for-people.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import { UsageError } from '../usage-error.ts'
import type { Found } from './found.ts'

const commonFlags = {
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
      report(found)
      await (values.apply === true ? applyFound(given.config, found, values) : write(found, values))
      if (values.strict === true && lossesOf(found).length > 0) {
        throw new CommandFailure('something is lost or different: see above')
      }
    },
  })
}

/** Each loss with where it was, and how much there is. */
function report(found: Found): void {
  for (const remark of found.remarks) tell(remark)
  for (const loss of lossesOf(found)) tell(loss)
  const { schedules, left } = found
  tell(`${schedules.length} ${schedules.length === 1 ? 'schedule' : 'schedules'}, ${left.length} not moved`)
}

function lossesOf({ schedules, left }: Found): string[] {
  return [
    ...left.map(({ from, why }) => `${from}: not moved: ${why}`),
    ...schedules.flatMap(({ from, notes }) => notes.map((note) => `${from}: ${note}`)),
  ]
}

type CommonValues = Invocation<typeof commonFlags>['values']

async function write({ remarks, defaults, schedules, left }: Found, { output, set }: CommonValues): Promise<void> {
  const text = toYaml({
    comments: [...remarks, ...left.map(({ from, why }) => `Not moved: ${from}: ${why}`)],
    set,
    defaults,
    schedules: schedules.map(({ fields, notes }) => ({ fields, comments: notes })),
  })
  if (output === undefined) return print([text])
  writeFileSync(output, text)
}

async function applyFound(config: Config, { defaults, schedules }: Found, values: CommonValues): Promise<void> {
  const { set, url, json } = values
  const entries = schedules.map(
    ({ fields, from }): Entry => ({ fields: { ...defaults, ...fields }, where: () => from }),
  )
  const options = {
    ...(set !== undefined && { set }),
    isDryRun: values['dry-run'] === true,
    isSure: true,
    tellsByExitCode: false,
    isForPeople: isForPeople(json),
  }
  await connect(config, { url }, (api) => applyDeclared(api, entries, options))
}
