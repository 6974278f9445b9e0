import { exitCodes } from './exit-codes.ts'

/** Has Ctrl-C, and being told to end, end the process as shells expect it. */
export function exitWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, exit)
}

/** Aborted by the first of them instead, or when the terminal is closed; a second one ends the process at once. */
export function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.off(signal, exit)
    process.once(signal, () => {
      process.exitCode = exitCodes.interrupted
      interrupted.abort()
      process.once(signal, exit)
    })
  }
  return interrupted.signal
}

function exit(): never {
  process.exit(exitCodes.interrupted)
}
