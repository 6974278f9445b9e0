import { cut } from './text-width.ts'

/** What ends within a second needs no words. */
const everyMs = 1_000

/**
 * Does what may take long, and on a terminal says meanwhile for how long it has.
 * @param words what is being done, such as `pausing 3 schedules`
 */
export async function whileWaiting<Result>(words: string, work: () => Promise<Result>): Promise<Result> {
  const terminal = process.stderr
  if (terminal.isTTY !== true) return work()
  const begun = performance.now()
  const show = () => {
    const text = `${Math.round((performance.now() - begun) / 1_000)} s: ${words}`
    terminal.write(`\r\u001b[K${cut(text, (terminal.columns || 80) - 1)}`)
  }
  const timer = setInterval(show, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    terminal.write('\r\u001b[K')
  }
}
