/** What a check has found. */
export interface Finding {
  /** skip: it could not be looked at, because of something that another check tells. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip'
  /** What was found and what it means, in a line, figures included. */
  readonly message: string
  /** What to do about it, in a line; left out when there is nothing to do. */
  readonly action?: string
}

export const pass = (message: string): Finding => ({ status: 'pass', message })
export const skip = (message: string): Finding => ({ status: 'skip', message })
export const warn = (message: string, action: string): Finding => ({ status: 'warn', message, action })
export const fail = (message: string, action: string): Finding => ({ status: 'fail', message, action })
