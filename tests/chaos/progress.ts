import type { Befallen } from './journal.ts'

/** Tells on standard error how far it has come: on one line of a terminal, elsewhere with a line for each fault. */
export class Progress {
  readonly #faults: number
  readonly #begin = performance.now()

  constructor(faults: number) {
    this.#faults = faults
  }

  readonly onFault = ({ fault, member }: Befallen, number: number): void => {
    const seconds = ((performance.now() - this.#begin) / 1_000).toFixed(0)
    const line = `${number}/${this.#faults} faults, ${seconds} s: ${fault.name}${member ? `, ${member.name}` : ''}`
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\n')
  }
}
