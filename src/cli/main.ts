#!/usr/bin/env node
import { UsageError } from './command.ts'
import { commands } from './commands.ts'
import { exitCodes } from './exit-codes.ts'
import { findCommand } from './find-command.ts'

async function main(args: string[]): Promise<void> {
  const [name = '--help', ...rest] = args[0] === 'help' ? [...args.slice(1), '--help'] : args
  if (name === '--help' || name === '-h') {
    process.stdout.write(await (await import('./help.ts')).overview(commands))
    return
  }
  const { path, command, rest: given } = await findCommand(commands, [name, ...rest])
  if (asksForHelp(given)) {
    process.stdout.write(await (await import('./help.ts')).helpOf(path, command))
    return
  }
  if (command.commands !== undefined && command.flags === undefined && given.length === 0) {
    process.stderr.write(await (await import('./help.ts')).helpOf(path, command))
    process.exit(exitCodes.usedWrongly)
  }
  const takesNone = command.flags === undefined && command.commands === undefined
  if (given.length > 0 && takesNone) {
    throw new UsageError(`${path.join(' ')} takes no arguments, but was given ${given.join(' ')}`)
  }
  if ('diagnose' in command) process.exit(await command.diagnose(process.env, [...given]))
  const { readConfig } = await import('../config/read-config.ts')
  await command.run(readConfig(process.env), [...given])
  // Whatever a library still holds open is no reason to stay.
  process.exit()
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === '--help' || arg === '-h')
}

main(process.argv.slice(2)).catch(async (error: unknown) => {
  ;(await import('./failure.ts')).tellFailure(error)
  // A connection that has failed may keep the process.
  process.exit()
})
