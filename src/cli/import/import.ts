import { readFileSync } from 'node:fs'
import type { Config } from '../../config/variables.ts'
import { group } from '../command.ts'
import { CommandFailure } from '../command-failure.ts'
import type { Argument } from '../flags.ts'
import { UsageError } from '../usage-error.ts'
import { importCommand } from './import-command.ts'

const description =
  'It is written down as apply reads it, or applied at once. What can not be moved, or is otherwise here, is told line by line.'

const fileArgument = [
  { name: 'file', summary: 'standard input when left out', isOptional: true, completes: 'files' },
] as const satisfies readonly Argument[]

const fromFlag = { value: '<url>', summary: 'the database that has them; DATABASE_URL when left out' } as const

/** No task is called so, and apply refuses a schedule without one. */
const placeholder = 'replace-me'

const crontab = importCommand({
  summary: 'read a crontab',
  description: `${description} There is no task that runs commands: name yours with --task, or put it in for ${placeholder}.`,
  arguments: fileArgument,
  flags: {
    task: { value: '<name>', summary: 'the task that runs commands; its payload is {command, …}', completes: 'tasks' },
    system: { summary: 'lines name a user, as in /etc/crontab and /etc/cron.d' },
    timezone: { value: '<zone>', summary: 'of the machine that cron runs on; that of this one when left out' },
  },
  examples: [
    'import crontab --output schedules.yaml < crontab',
    'import crontab /etc/crontab --system --task shell --apply',
  ],
  check({ values: { task, apply } }) {
    if (apply === true && task === undefined) throw new UsageError('--apply needs --task: which task runs commands?')
  },
  async read({ given: [file], values }) {
    const { readCrontab } = await import('./crontab.ts')
    const { task = placeholder, system: isSystem = false } = values
    const timezone = values.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    return readCrontab(readText(file), { task, isSystem, timezone })
  },
})

const graphileCrontab = importCommand({
  summary: "read graphile-worker's crontab",
  description,
  arguments: fileArgument,
  flags: {},
  examples: ['import graphile-crontab crontab --output schedules.yaml'],
  async read({ given: [file] }) {
    const { readGraphileCrontab } = await import('./graphile-crontab.ts')
    return readGraphileCrontab(readText(file))
  },
})

const celeryBeat = importCommand({
  summary: "read django-celery-beat's tables",
  description,
  flags: { from: fromFlag },
  examples: ['import celery-beat --from postgres://localhost/django --output schedules.yaml'],
  async read({ config, values }) {
    const { readCeleryBeat } = await import('../../store/foreign/celery-beat.ts')
    const { fromCeleryBeat } = await import('./celery-beat.ts')
    return fromCeleryBeat(
      present(await readCeleryBeat(sourceOf(config, values.from)), 'django_celery_beat_periodictask'),
    )
  },
})

const pgCron = importCommand({
  summary: "read pg_cron's jobs",
  description,
  flags: { from: fromFlag },
  examples: ['import pg_cron --output schedules.yaml'],
  async read({ config, values }) {
    const { readPgCron } = await import('../../store/foreign/pg-cron.ts')
    const { fromPgCron } = await import('./pg-cron.ts')
    return fromPgCron(present(await readPgCron(sourceOf(config, values.from)), 'cron.job'))
  },
})

const pgBoss = importCommand({
  summary: "read pg-boss' schedules",
  description,
  flags: { from: fromFlag, schema: { value: '<name>', summary: 'that pg-boss is in; pgboss when left out' } },
  examples: ['import pg-boss --output schedules.yaml'],
  async read({ config, values: { from, schema = 'pgboss' } }) {
    const { readPgBoss } = await import('../../store/foreign/pg-boss.ts')
    const { fromPgBoss } = await import('./pg-boss.ts')
    return fromPgBoss(present(await readPgBoss(sourceOf(config, from), schema), `${schema}.schedule`))
  },
})

export const importSchedules = group('bring schedules from elsewhere', {
  crontab: async () => crontab,
  'graphile-crontab': async () => graphileCrontab,
  'celery-beat': async () => celeryBeat,
  pg_cron: async () => pgCron,
  'pg-boss': async () => pgBoss,
})

function readText(file = '-'): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function sourceOf({ DATABASE_URL }: Config, from: string | undefined): string {
  const source = from ?? DATABASE_URL
  if (source === undefined) throw new UsageError('from which database? Give --from, or set DATABASE_URL')
  return source
}

function present<Rows>(rows: Rows | null, table: string): Rows {
  if (rows === null) throw new CommandFailure(`there is no table ${table}: is it in another database?`, 'notFound')
  return rows
}
