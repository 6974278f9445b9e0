import { createInterface } from 'node:readline/promises'
import { CommandFailure } from '../command-failure.ts'
import { UsageError } from '../usage-error.ts'

export const yesFlag = { summary: 'do not ask' } as const

/**
 * Asks on the terminal whether to go on.
 * @throws UsageError where there is nobody to ask
 * @throws CommandFailure when the answer is no
 */
export async function confirm(question: string, isSure: boolean | undefined): Promise<void> {
  if (isSure === true) return
  if (process.stdin.isTTY !== true) throw new UsageError(`${question} Give --yes, for there is nobody to ask`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure('nothing was done')
  } finally {
    terminal.close()
  }
}
