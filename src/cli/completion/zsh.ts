import { bashScript } from './bash.ts'
import type { Word } from './words.ts'

/** zsh reads what bash does. */
export function zshScript(words: readonly Word[]): string {
  return `autoload -Uz +X compinit && compinit
autoload -Uz +X bashcompinit && bashcompinit
${bashScript(words).replace('# pgbeat completion bash', '# pgbeat completion zsh')}`
}
