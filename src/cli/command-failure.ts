import type { exitCodes } from './exit-codes.ts'

/** A command could not do what it was asked; the message says it all. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly kind: keyof typeof exitCodes

  constructor(message: string, kind: keyof typeof exitCodes = 'failed') {
    super(message)
    this.kind = kind
  }
}
