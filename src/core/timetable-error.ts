/** A timetable that can't be read, or that names no instant any more. */
export class TimetableError extends Error {
  override readonly name = 'TimetableError'
  /** What is wrong with it. */
  readonly field: 'cron_expression' | 'timezone'

  constructor(field: TimetableError['field'], message: string) {
    super(message)
    this.field = field
  }
}
