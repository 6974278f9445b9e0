import pg from 'pg'

/** Why the database refuses what somebody asks for: the column, what is wrong with it, and a way out. */
export class Refused extends Error {
  override readonly name: string = 'Refused'
  readonly subject: 'schedule' | 'backfill' | 'run' | 'api_key'
  readonly column: string
  readonly hint: string | undefined

  constructor(subject: Refused['subject'], column: string, message: string, hint?: string) {
    super(message)
    this.subject = subject
    this.column = column
    this.hint = hint
  }
}

/** Another one has the name. */
export class NameTaken extends Refused {
  override readonly name = 'NameTaken'

  constructor(subject: Refused['subject'], message: string, hint: string) {
    super(subject, 'name', message, hint)
  }
}

/** Nothing has the id or name that was given. */
export function isNotFound(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === 'P0002'
}

/** What the checks in SQL say (SQLSTATE 22023 with a column), and the unique name; any other error as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  if (error.constraint === 'schedules_name_key')
    return new NameTaken('schedule', 'another schedule has this name', 'Choose another, or change that schedule.')
  if (error.code !== '22023' || error.column === undefined) return error
  return new Refused(subjects[error.table ?? ''] ?? 'schedule', error.column, error.message, error.hint)
}

const subjects: Readonly<Record<string, Refused['subject']>> = { backfills: 'backfill', runs: 'run' }
