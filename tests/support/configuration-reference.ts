import { z } from 'zod'
import { aliases, type Variable, variables } from '../../src/config/variables.ts'
import { builtInTasks } from '../../src/tasks/index.ts'
import { markdownTable } from './markdown-table.ts'

/** Where more is said of a variable. */
const more: Readonly<Partial<Record<Variable, string>>> = {
  DATABASE_URL: '../operations.md#poolers',
  PGBEAT_HOST: '../operations.md#api-keys',
  PGBEAT_API_KEY: '../operations.md#api-keys',
  PGBEAT_RATE_LIMIT: '../operations.md#the-api-and-what-is-in-front-of-it',
  PGBEAT_DATA_DIR: '../operations.md#the-database-that-npm-start-brings',
  PGBEAT_DRAIN_SECONDS: '../operations.md#processes',
  PGBEAT_RETENTION_DAYS: '../operations.md#what-is-forgotten',
  PGBEAT_TASKS: '../tasks.md#your-own',
  PGBEAT_HTTP_ALLOW: '../tasks.md#where-it-may-go',
  PGBEAT_HTTP_SECRETS: '../tasks.md#secrets',
  PGBEAT_SQL_TASK_ENABLED: '../tasks.md#sql',
  PGBEAT_REDIS_SYNC_ENABLED: '../operations.md#the-mirror-in-redis',
}

/** docs/reference/configuration.md, made from what reads the environment. */
export function configurationReference(): string {
  const rows = Object.entries(variables).map(([name, variable]) => [
    `\`${name}\``,
    typeOf(variable),
    defaultOf(variable),
    wordsOn(name as Variable),
  ])
  const ofTasks = builtInTasks.filter(({ variables = [] }) => variables.length > 0)
  return [
    `# Configuration

Made from the source by \`npm run reference\`; not to be edited.

The environment configures every process, and each reads all of it once, when it starts. An empty variable counts as left
out. A value that can't be used, and a \`PGBEAT_\` variable that isn't listed here, ends the process with a line for each of
them. \`bin/doctor env\` shows what is in effect, and where each value is from; passwords and keys are never shown or logged.
\`.env.example\` has the same list for containers.

## Variables`,
    markdownTable(['variable', 'type', 'default', 'meaning'], rows),
    `## Older names

These names of the system before pgbeat are understood. Where both are set pgbeat's own holds; \`bin/doctor\` warns of them.`,
    markdownTable(
      ['name', 'stands for'],
      Object.entries(aliases).map(([alias, name]) => [`\`${alias}\``, `\`${name}\``]),
    ),
    `## Variables of tasks

Tasks read their own, in the worker, when they run.`,
    ...ofTasks.flatMap(({ name: task, variables: own = [] }) => [
      `### ${task}`,
      markdownTable(
        ['variable', 'default', 'meaning'],
        own.map(({ name, default: usual = '', description }) => [`\`${name}\``, usual, description]),
      ),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}

function wordsOn(name: Variable): string {
  const { description = '' } = variables[name]
  const place = more[name]
  return place === undefined ? description : `${description.replace(/\.$/, '')}. [More](${place})`
}

interface Schema {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

function typeOf(variable: z.ZodType): string {
  const { type, format, enum: choices, minimum, maximum } = z.toJSONSchema(variable, { io: 'output' }) as Schema
  if (choices !== undefined) return choices.map((one) => `\`${one}\``).join(', ')
  if (format === 'uri') return 'URL'
  if (type === 'boolean') return '`true` or `false`'
  if (type === 'string') return 'text'
  const least = `${type === 'integer' ? 'whole number' : type}, ${minimum}`
  return maximum === undefined || maximum > 2 ** 31 ? `${least} or more` : `${least} to ${maximum}`
}

function defaultOf(variable: z.ZodType): string {
  const { data } = variable.safeParse(undefined)
  return data === undefined ? '' : `\`${String(data)}\``
}
