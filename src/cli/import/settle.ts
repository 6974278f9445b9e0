import { writeFileSync } from 'node:fs'
import type { Config } from '../../config/variables.ts'
import { CommandFailure } from '../command-failure.ts'
import { connect } from '../connect/connect.ts'
import { applyDeclared } from '../declared/apply-declared.ts'
import type { Entry } from '../declared/read-declared.ts'
import { toYaml } from '../declared/to-yaml.ts'
import type { Values } from '../flags.ts'
import { isForPeople } from '../output/is-for-people.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import type { Found } from './found.ts'
import type { commonFlags } from './import-command.ts'

type CommonValues = Values<typeof commonFlags>

/** Tells what was found and what is lost of it, and writes it down or applies it. */
export async function settle(config: Config, found: Found, values: CommonValues): Promise<void> {
  report(found)
  await (values.apply === true ? applyFound(config, found, values) : write(found, values))
  if (values.strict === true && lossesOf(found).length > 0) {
    throw new CommandFailure('something is lost or different: see above')
  }
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
