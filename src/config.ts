import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)

/** Every variable that pgbeat itself reads. Tasks read their own. */
const variables = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('The database, e.g. postgres://user:password@host:5432/name. Left out, `npm start` brings its own.'),
  PGBEAT_HOST: z.string().min(1).default('127.0.0.1').describe('The address that the API listens on'),
  PGBEAT_PORT: port.default(8000).describe('The port that the API listens on; 0 = any free one'),
  PGBEAT_RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(60_000)
    .describe('How many requests the API takes from a client in a minute; 0 = any number'),
  PGBEAT_DATA_DIR: z.string().min(1).default('.pgbeat').describe('Where `npm start` keeps its own database'),
  PGBEAT_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('How many runs a worker executes at once'),
  PGBEAT_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(5)
    .describe('How long a worker that stops lets runs go on before it tells them to end'),
  PGBEAT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(30)
    .describe('How many days the tick keeps a run after it is over; 0 = for ever'),
  PGBEAT_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .describe('From which level on lines are logged; left out, info, and warn for `npm start`'),
  PGBEAT_LOG_FORMAT: z.enum(['json', 'pretty']).default('json').describe('One JSON object a line, or lines for people'),
}

const schema = z.object(variables)

export type Config = z.infer<typeof schema>

/** The environment can't be used; the message has a line for each variable that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the configuration. An empty variable counts as left out.
 * @throws ConfigError for a value that can't be used, and for a PGBEAT_ variable that doesn't exist
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const problems = Object.keys(given)
    .filter((name) => name.startsWith('PGBEAT_') && !Object.hasOwn(variables, name))
    .map((name) => `${name}: there is no such variable; known are ${Object.keys(variables).join(', ')}`)
  const parsed = schema.safeParse(given)
  if (!parsed.success) problems.push(...parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'))
  return parsed.data
}

/** The configuration as it may be shown: without the password. */
export function withoutSecrets(config: Config): Config {
  if (config.DATABASE_URL === undefined) return config
  const url = new URL(config.DATABASE_URL)
  if (url.password !== '') url.password = '***'
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return { ...config, DATABASE_URL: url.href }
}
