import { cut } from './text-width.ts'

const widest = 30

/** A line that shows how far something is, on a terminal; elsewhere nothing. */
export class ProgressBar {
  readonly #terminal: NodeJS.WriteStream

  constructor(terminal: NodeJS.WriteStream) {
    this.#terminal = terminal
  }

  /** @param total null while it isn't known */
  show(done: number, total: number | null, words: string): void {
    if (this.#terminal.isTTY !== true) return
    const share = total === null || total === 0 ? 0 : done / total
    const full = Math.floor(share * widest)
    const bar = `${'█'.repeat(full)}${'░'.repeat(widest - full)}`
    const text = `${bar} ${done}/${total ?? '?'}  ${words}`
    this.#terminal.write(`\r\u001b[K${cut(text, (this.#terminal.columns || 80) - 1)}`)
  }

  clear(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write('\r\u001b[K')
  }
}
