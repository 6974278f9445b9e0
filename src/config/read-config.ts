import { aliases, type Config, rules, type Variable, variables, withoutRules } from './variables.ts'

/** The environment can't be used; the message has a line for each variable that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the configuration. An empty variable counts as left out; one of pgbeat's own names wins over its alias.
 * @throws ConfigError for a value that can't be used, and for a PGBEAT_ variable that doesn't exist
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const { config, problems } = readEnvironment(environment)
  if (problems.length > 0) throw new ConfigError(problems.map(({ name, message }) => `${name}: ${message}`).join('\n'))
  return config
}

/** A variable that is wrong. */
interface Problem {
  /** As the environment calls it. */
  readonly name: string
  /** What it would be; null for one that does not exist. */
  readonly variable: Variable | null
  readonly message: string
}

/** A variable, as it is in effect. */
export interface Setting {
  readonly name: Variable
  /** Without its secrets; null when it is not set and has no default. Of one that is wrong, what the environment says. */
  readonly value: string | number | boolean | null
  /** The name under which the environment has it; null for a default. */
  readonly from: string | null
  /** An alias that the environment has besides, with another value. */
  readonly ignored: string | null
  /** Why it can't be used; null when it can. */
  readonly problem: string | null
  readonly description: string
}

/** What there is to say of an environment, whatever is wrong with it. */
export interface Reading {
  /** Variables that are wrong count as left out. */
  readonly config: Config
  readonly problems: readonly Problem[]
  /** Each variable, in the order in which they are documented. */
  readonly settings: readonly Setting[]
}

export function readEnvironment(environment: NodeJS.ProcessEnv): Reading {
  const { given, origins, ignored } = collect(environment)
  const wrong = wrongValues(given)
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name as Variable)))
  const config = withoutRules.parse(rest)
  const shown: Partial<Record<string, Setting['value']>> = withoutSecrets(config)
  const names = Object.keys(variables) as Variable[]
  return {
    config,
    problems: [
      ...unknownNames(environment),
      ...names.flatMap((variable) => {
        const message = wrong.get(variable)
        return message === undefined ? [] : [{ name: origins.get(variable) ?? variable, variable, message }]
      }),
    ],
    settings: names.map((name) => {
      const said = given[name] !== undefined && secrets.includes(name) ? '***' : given[name]
      return {
        name,
        value: (wrong.has(name) ? said : shown[name]) ?? null,
        from: origins.get(name) ?? null,
        ignored: ignored.get(name) ?? null,
        problem: wrong.get(name) ?? null,
        description: variables[name].description ?? '',
      }
    }),
  }
}

const urls = ['DATABASE_URL', 'REDIS_URL', 'PGBEAT_SQL_TASK_DATABASE_URL'] as const

const secrets: readonly Variable[] = [...urls, 'PGBEAT_API_KEY']

/** The settings that the environment has under an alias, as `{alias: name}`. */
export function aliasesIn(environment: NodeJS.ProcessEnv): Record<string, Variable> {
  return Object.fromEntries(
    [...collect(environment).origins].flatMap(([name, from]) => (from === name ? [] : [[from, name]])),
  )
}

/** The configuration as it may be shown: without passwords and keys. */
export function withoutSecrets(config: Config): Config {
  const shown = { ...config }
  for (const name of urls) {
    const value = config[name]
    if (value !== undefined) shown[name] = withoutPassword(value)
  }
  if (config.PGBEAT_API_KEY !== undefined) shown.PGBEAT_API_KEY = '***'
  return shown
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  if (url.password !== '') url.password = '***'
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return url.href
}

type Given = Partial<Record<Variable, string>>

function collect(environment: NodeJS.ProcessEnv) {
  const given: Given = {}
  const origins = new Map<Variable, string>()
  const ignored = new Map<Variable, string>()
  const names = [...Object.keys(variables).map((name) => [name, name]), ...Object.entries(aliases)] as [
    string,
    Variable,
  ][]
  for (const [from, name] of names) {
    const value = environment[from]
    if (value === undefined || value === '') continue
    if (given[name] === undefined) {
      given[name] = value
      origins.set(name, from)
    } else if (given[name] !== value) {
      ignored.set(name, from)
    }
  }
  return { given, origins, ignored }
}

/** What is wrong with each, and with those that others make wrong. */
function wrongValues(given: Given): Map<Variable, string> {
  const { error } = rules.safeParse(given)
  const wrong = new Map<Variable, string>()
  for (const { path, message } of error?.issues ?? []) {
    const name = path.join('.') as Variable
    wrong.set(name, wrong.has(name) ? `${wrong.get(name)}; ${message}` : message)
  }
  return wrong
}

function unknownNames(environment: NodeJS.ProcessEnv): Problem[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('PGBEAT_') && environment[name] !== '' && !Object.hasOwn(variables, name))
    .map((name) => ({
      name,
      variable: null,
      message: `there is no such variable; known are ${Object.keys(variables).join(', ')}`,
    }))
}
