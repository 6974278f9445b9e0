import { PermanentError } from '../../../errors.ts'
import type { DateText } from '../calendar.ts'

/** Something that may well work when it is tried again: network, timeout, 5xx, broken JSON. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError'
  /** Kept as `error.code` of the run. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The pages of one answer speak of different days: the data was replaced between two requests. */
export class MixedDatesError extends TransientError {
  override readonly name = 'MixedDatesError'

  constructor(first: DateText, other: DateText) {
    super('mixed_dates', `J-Quants mixed the data of ${first} and ${other} in one answer`)
  }
}

/** The account's plan doesn't cover the date. Permanent for the date; other dates may work. */
export class CoverageError extends PermanentError {
  /** First covered day, null where J-Quants left it blank. */
  readonly from: DateText | null
  /** Last covered day, null where it is open. */
  readonly to: DateText | null

  constructor(date: DateText, from: DateText | null, to: DateText | null) {
    super('out_of_coverage', `${date} is outside what the J-Quants subscription covers: ${from ?? ''} ~ ${to ?? ''}`)
    this.from = from
    this.to = to
  }

  /** Whether asking for a date would fail the same way. */
  excludes(date: DateText): boolean {
    return (this.from !== null && date < this.from) || (this.to !== null && date > this.to)
  }
}
