import { aliases, type Config, schema, type Variable, variables } from './variables.ts'

/** The environment can't be used; the message has a line for each variable that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the configuration. An empty variable counts as left out; one of pgbeat's own names wins over its alias.
 * @throws ConfigError for a value that can't be used, and for a PGBEAT_ variable that doesn't exist
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const { given, origins } = collect(environment)
  const problems = Object.keys(environment)
    .filter((name) => name.startsWith('PGBEAT_') && environment[name] !== '' && !Object.hasOwn(variables, name))
    .map((name) => `${name}: there is no such variable; known are ${Object.keys(variables).join(', ')}`)
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const name = path.join('.')
      problems.push(`${origins.get(name as Variable) ?? name}: ${message}`)
    }
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'))
  return parsed.data
}

/** A variable, as it is in effect. */
export interface Setting {
  readonly name: Variable
  /** Without its secrets; null when it is not set and has no default. */
  readonly value: string | number | boolean | null
  /** The name under which the environment has it; null for a default. */
  readonly from: string | null
  /** An alias that the environment has besides, with another value. */
  readonly ignored: string | null
  readonly description: string
}

/**
 * Each variable, its effective value and where that came from.
 * @throws ConfigError as `readConfig` does
 */
export function readSettings(environment: NodeJS.ProcessEnv): Setting[] {
  const { origins, ignored } = collect(environment)
  const shown: Partial<Record<string, Setting['value']>> = withoutSecrets(readConfig(environment))
  return (Object.keys(variables) as Variable[]).map((name) => ({
    name,
    value: shown[name] ?? null,
    from: origins.get(name) ?? null,
    ignored: ignored.get(name) ?? null,
    description: variables[name].description ?? '',
  }))
}

/** The settings that the environment has under an alias, as `{alias: name}`. */
export function aliasesIn(environment: NodeJS.ProcessEnv): Record<string, Variable> {
  return Object.fromEntries(
    [...collect(environment).origins].flatMap(([name, from]) => (from === name ? [] : [[from, name]])),
  )
}

/** The configuration as it may be shown: without passwords and keys. */
export function withoutSecrets(config: Config): Config {
  const shown = { ...config }
  for (const name of ['DATABASE_URL', 'REDIS_URL'] as const) {
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

function collect(environment: NodeJS.ProcessEnv) {
  const given: Partial<Record<Variable, string>> = {}
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
