import { readEnvironment, type Setting } from '../../config/read-config.ts'
import { fail, pass, warn } from '../../finding.ts'
import type { Check } from '../check.ts'

/** Every variable, and under which name the environment has it. */
export const configuration: Check = {
  name: 'configuration',
  needs: 'nothing',
  async look({ environment }) {
    const { problems, settings } = readEnvironment(environment)
    if (problems.length > 0) {
      return fail(
        problems.map(({ name, message }) => `${name} ${message}`).join('; '),
        'correct the environment; bin/doctor env shows what each variable is, and where from',
      )
    }
    const aliases = settings.filter(isByAlias)
    const ignored = settings.filter(({ ignored }) => ignored !== null)
    if (aliases.length === 0 && ignored.length === 0) {
      const given = settings.filter(({ from }) => from !== null).length
      return pass(`${given} ${given === 1 ? 'variable is' : 'variables are'} set, the others have their defaults`)
    }
    return warn(
      [
        ...aliases.map(({ name, from }) => `${from} is an alias, in effect as ${name}`),
        ...ignored.map(({ name, from, ignored }) => `${ignored} is ignored, for ${from} says otherwise about ${name}`),
      ].join('; '),
      [
        ...aliases.map(({ name, from }) => `rename ${from} to ${name}`),
        ...ignored.map(({ ignored }) => `remove ${ignored}`),
      ].join('; '),
    )
  },
}

function isByAlias({ name, from }: Setting): boolean {
  return from !== null && from !== name
}
