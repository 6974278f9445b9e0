import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)

const timezone = z.string().refine(isTimezone, { error: 'is not an IANA time zone, such as Asia/Tokyo' })

/** Every variable that pgbeat itself reads. Tasks read their own. */
export const variables = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('The database, e.g. postgres://user:password@host:5432/name. Left out, `npm start` brings its own.'),
  PGBEAT_HOST: z.string().min(1).default('127.0.0.1').describe('The address that the API listens on'),
  PGBEAT_PORT: port.default(8000).describe('The port that the API listens on; 0 = any free one'),
  PGBEAT_API_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where commands reach the API; left out, PGBEAT_HOST and PGBEAT_PORT'),
  PGBEAT_API_KEY: z.string().optional().describe('The key with which commands use the API'),
  PGBEAT_RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(60_000)
    .describe('How many requests the API takes from a client in a minute; 0 = any number'),
  PGBEAT_TIMEZONE: timezone
    .default('UTC')
    .describe('The time zone of schedules that are created over HTTP without one; SQL has UTC'),
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
  PGBEAT_TASKS: z
    .string()
    .optional()
    .describe('Folders with tasks of your own, one file a task, e.g. ./tasks; several with commas'),
  PGBEAT_HTTP_ALLOW: z
    .string()
    .optional()
    .describe(
      'Hosts, addresses and ranges besides public ones that http_request may reach, e.g. intranet.example.com,10.0.0.0/8',
    ),
  PGBEAT_HTTP_SECRETS: z
    .string()
    .optional()
    .describe(
      'Variables that http_request may sign with, or send to a host, e.g. WEBHOOK_KEY,API_TOKEN@api.example.com',
    ),
  PGBEAT_SQL_TASK_ENABLED: z.stringbool().default(false).describe('Whether the task sql runs statements'),
  PGBEAT_SQL_TASK_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('The login and the database of the task sql; left out, those of the worker, as a role'),
  PGBEAT_SQL_TASK_ROLES: z
    .string()
    .optional()
    .describe('The roles that statements of the task sql may name, with commas'),
  PGBEAT_REDIS_SYNC_ENABLED: z
    .stringbool()
    .default(false)
    .describe('Whether the leading tick copies schedule events to Redis'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('The Redis of the mirror, e.g. redis://user:password@host:6379/0'),
  PGBEAT_REDIS_CHANNEL: z
    .string()
    .min(1)
    .default('celery_beat_schedule_updates')
    .describe('The channel that the mirror publishes on; its stream has the same name with :stream'),
  PGBEAT_REDIS_STREAM_LENGTH: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("How many events the mirror's stream keeps at least"),
  PGBEAT_MIN_SYNC_INTERVAL: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(0.25)
    .describe('How many seconds at least are between two passes that messages of others on the channel cause'),
  PGBEAT_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .describe('From which level on lines are logged; left out, info, and warn for `npm start`'),
  PGBEAT_LOG_FORMAT: z.enum(['json', 'pretty']).default('json').describe('One JSON object a line, or lines for people'),
}

export type Variable = keyof typeof variables

/** What the system that pgbeat replaces called some of them. */
export const aliases: Readonly<Record<string, Variable>> = {
  CELERY_BEAT_REDIS_SYNC_ENABLED: 'PGBEAT_REDIS_SYNC_ENABLED',
  CELERY_BEAT_REDIS_CHANNEL: 'PGBEAT_REDIS_CHANNEL',
  CELERY_BEAT_MIN_SYNC_INTERVAL: 'PGBEAT_MIN_SYNC_INTERVAL',
  CELERY_TIMEZONE: 'PGBEAT_TIMEZONE',
}

/** Each by itself. */
export const withoutRules = z.object(variables)

/** What must hold between them. */
export const rules = withoutRules.superRefine((config, context) => {
  if (config.PGBEAT_REDIS_SYNC_ENABLED && config.REDIS_URL === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['REDIS_URL'],
      message: 'is not set, though PGBEAT_REDIS_SYNC_ENABLED is true; e.g. redis://localhost:6379',
    })
  }
})

export type Config = z.infer<typeof withoutRules>

function isTimezone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
