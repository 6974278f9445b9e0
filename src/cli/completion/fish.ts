import type { Completes } from '../flags.ts'
import type { Word } from './words.ts'

/** A script that completes for fish: a line for each command and flag. */
export function fishScript(words: readonly Word[]): string {
  const lines = words.flatMap((word) => [...commandLines(word, words), ...flagLines(word), ...argumentLines(word)])
  return `# pgbeat completion fish
function __pgbeat_is
  set -l given (commandline -opc)[2..]
  set -l path (string split ' ' -- $argv[1])
  test -z "$argv[1]"; and set path
  test (count $given) -ge (count $path); or return 1
  for index in (seq (count $path))
    test "$given[$index]" = "$path[$index]"; or return 1
  end
  test -z "$argv[2]"; or test (count $given) -eq (count $path)
end
complete -c pgbeat -f
${lines.join('\n')}
`
}

function commandLines({ path, commands }: Word, words: readonly Word[]): string[] {
  return commands.map((name) => {
    const below = words.find((word) => word.path === `${path} ${name}`.trim())
    return `complete -c pgbeat -n "__pgbeat_is '${path}' only" -a ${name} -d ${quoted(below?.summary ?? '')}`
  })
}

function flagLines({ path, flags }: Word): string[] {
  return flags.map(({ name, value, summary, choices, completes }) => {
    const takes = value === undefined ? '' : ` -r${offered(choices, completes)}`
    return `complete -c pgbeat -n "__pgbeat_is '${path}'" -l ${name}${takes} -d ${quoted(summary)}`
  })
}

function argumentLines({ path, takes }: Word): string[] {
  const completes = takes.at(-1)?.completes
  return completes === undefined
    ? []
    : [`complete -c pgbeat -n "__pgbeat_is '${path}'"${offered(undefined, completes)}`]
}

function offered(choices: readonly string[] | undefined, completes: Completes | undefined): string {
  if (choices !== undefined) return ` -f -a ${quoted(choices.join(' '))}`
  if (completes === 'files') return ' -F'
  return completes === undefined ? '' : ` -f -a "(pgbeat completion names ${completes} (commandline -ct) 2>/dev/null)"`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
