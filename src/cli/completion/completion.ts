import { type Command, type Commands, command, group } from '../command.ts'
import { print } from '../print.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { readWords } from './words.ts'
import { zshScript } from './zsh.ts'

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript }

const hints = {
  bash: 'source <(pgbeat completion bash)',
  zsh: 'source <(pgbeat completion zsh)',
  fish: 'pgbeat completion fish | source',
}

function script(shell: keyof typeof shells, commands: Commands): Command {
  return command({
    summary: `print the script for ${shell}`,
    description: `Put into what ${shell} reads at its start: ${hints[shell]}`,
    flags: {},
    run: async () => print([shells[shell](await readWords(commands))]),
  })
}

/** @param commands what is to be completed */
export function completion(commands: Commands): Command {
  return group('have a shell complete commands, flags and names', {
    bash: async () => script('bash', commands),
    zsh: async () => script('zsh', commands),
    fish: async () => script('fish', commands),
    names: async () => (await import('./names.ts')).names,
  })
}
