#!/usr/bin/env node
import { type Command, type Diagnosis, UsageError } from './command.ts'

/** Read when they are asked for: a tick need not keep what an API is made of in memory. */
const commands: Record<string, () => Promise<Command | Diagnosis>> = {
  start: async () => (await import('./start.ts')).start,
  migrate: async () => (await import('./migrate.ts')).migrate,
  tick: async () => (await import('./tick.ts')).tick,
  worker: async () => (await import('./worker.ts')).worker,
  api: async () => (await import('./api.ts')).api,
  forecast: async () => (await import('./forecast.ts')).forecast,
  preview: async () => (await import('./preview.ts')).preview,
  keys: async () => (await import('./keys.ts')).keys,
  dev: async () => (await import('./dev.ts')).dev,
  doctor: async () => (await import('./doctor.ts')).doctor,
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
  if ('diagnose' in command) process.exit(await command.diagnose(process.env, rest))
  const { readConfig } = await import('../config/read-config.ts')
  await command.run(readConfig(process.env), rest)
  // Whatever a library still holds open is no reason to stay.
  process.exit()
}

main(process.argv.slice(2)).catch(async (error: unknown) => (await import('./failure.ts')).tellFailure(error))
