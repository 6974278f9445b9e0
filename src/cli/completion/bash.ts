import type { Completes } from '../flags.ts'
import type { Word } from './words.ts'

/**
 * A script that completes for bash, and for zsh, where no variable may be called path: one case a command, and names asked
 * for as they are needed.
 */
export function bashScript(words: readonly Word[]): string {
  return `# pgbeat completion bash
_pgbeat() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} chosen="" word index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    [[ $word == -* ]] && break
    case "$chosen $word" in
      ${words
        .filter(({ path }) => path !== '')
        .map(({ path }) => `' ${path}'`)
        .join(' | ')}) chosen="$chosen $word" ;;
      *) chosen=\${chosen:--}; break ;;
    esac
  done
  case "$chosen" in
${words.map(caseOf).join('\n')}
  esac
}
_pgbeat_words() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}
_pgbeat_names() {
  local name
  while IFS= read -r name; do COMPREPLY+=("$(printf '%q' "$name")"); done < <(pgbeat completion names "$1" "$current" 2>/dev/null)
}
complete -o default -F _pgbeat pgbeat
`
}

function caseOf({ path, commands, flags, takes }: Word): string {
  const withValues = flags.filter(({ value }) => value !== undefined)
  const values = withValues.map(
    ({ name, choices, completes }) => `        --${name}) ${answer(choices, completes)}; return ;;`,
  )
  const last = takes.at(-1)?.completes
  const offered = [...commands, ...flags.map(({ name }) => `--${name}`), '--help']
  return `    '${path === '' ? '' : ` ${path}`}')
      case "$previous" in
${values.join('\n')}
      esac
      if [[ $current == -* || ${commands.length > 0 || last === undefined ? 1 : 0} == 1 ]]; then _pgbeat_words $'${offered.join('\\n')}'
      else ${answer(undefined, last)}; fi ;;`
}

function answer(choices: readonly string[] | undefined, completes: Completes | undefined): string {
  if (choices !== undefined) return `_pgbeat_words $'${choices.join('\\n')}'`
  return completes === 'schedules' || completes === 'tasks' ? `_pgbeat_names ${completes}` : ':'
}
