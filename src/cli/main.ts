#!/usr/bin/env node
import { ConfigError, readConfig } from '../config/read-config.ts'
import { TimetableError } from '../core/timetable-error.ts'
import { DirectoryInUseError } from '../dev/claim.ts'
import { ListenError } from '../http/listen.ts'
import { MigrationError } from '../store/migrate.ts'
import { PoolerError } from '../store/pooler.ts'
import { type Command, UsageError } from './command.ts'

/** Read when they are asked for: a tick need not keep what an API is made of in memory. */
const commands: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./start.ts')).start,
  migrate: async () => (await import('./migrate.ts')).migrate,
  tick: async () => (await import('./tick.ts')).tick,
  worker: async () => (await import('./worker.ts')).worker,
  api: async () => (await import('./api.ts')).api,
  forecast: async () => (await import('./forecast.ts')).forecast,
  preview: async () => (await import('./preview.ts')).preview,
  keys: async () => (await import('./keys.ts')).keys,
  dev: async () => (await import('./dev.ts')).dev,
}

async function usageOf(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(commands).map(async ([name, read]) => {
      const { summary, usage } = await read()
      return [
        `  ${name.padEnd(10)}${summary}`,
        ...(usage?.split('\n') ?? []).map((line) => `${''.padEnd(12)}${line}`),
      ].join('\n')
    }),
  )
  return `Usage: pgbeat <command>

${lines.join('\n')}

The environment configures it: DATABASE_URL, PGBEAT_PORT and others; see docs/operations.md.
`
}

async function main([name = '--help', ...rest]: string[]): Promise<void> {
  if (name === '--help' || name === '-h' || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(await usageOf())
    return
  }
  const command = Object.hasOwn(commands, name) ? await commands[name]?.() : undefined
  if (command === undefined) throw new UsageError(`there is no command ${name}\n\n${await usageOf()}`)
  if (rest.length > 0 && command.usage === undefined) {
    throw new UsageError(`${name} takes no arguments, but was given ${rest.join(' ')}`)
  }
  await command.run(readConfig(process.env), rest)
  // Whatever a library still holds open is no reason to stay.
  process.exit()
}

/** Told in a line, for they are nothing that a stack trace would explain. */
function isExpected(error: unknown): error is Error {
  return [ConfigError, UsageError, TimetableError, ListenError, MigrationError, PoolerError, DirectoryInUseError].some(
    (expected) => error instanceof expected,
  )
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`pgbeat: ${isExpected(error) ? error.message : describe(error)}\n`)
  process.exitCode = [UsageError, ConfigError, TimetableError].some((wrong) => error instanceof wrong) ? 2 : 1
})

function describe(error: unknown): string {
  // A refused connection comes as an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ')
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string'
    ? `${error.message} (${error.code})`
    : (error.stack ?? error.message)
}
