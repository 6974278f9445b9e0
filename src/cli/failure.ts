import { ConfigError } from '../config/read-config.ts'
import { TimetableError } from '../core/timetable-error.ts'
import { DirectoryInUseError } from '../dev/claim.ts'
import { NoPostgresError } from '../dev/postgres/binaries.ts'
import { ListenError } from '../http/listen.ts'
import { MigrationError } from '../store/migrate.ts'
import { PoolerError } from '../store/pooler.ts'
import { UsageError } from './command.ts'

/** Told in a line, for they are nothing that a stack trace would explain. */
function isExpected(error: unknown): error is Error {
  return [
    ConfigError,
    UsageError,
    TimetableError,
    ListenError,
    MigrationError,
    PoolerError,
    DirectoryInUseError,
    NoPostgresError,
  ].some((expected) => error instanceof expected)
}

/** Says why a command has failed. */
export function tellFailure(error: unknown): void {
  process.stderr.write(`pgbeat: ${isExpected(error) ? error.message : describe(error)}\n`)
  process.exitCode = [UsageError, ConfigError, TimetableError].some((wrong) => error instanceof wrong) ? 2 : 1
}

function describe(error: unknown): string {
  // A refused connection comes as an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ')
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string'
    ? `${error.message} (${error.code})`
    : (error.stack ?? error.message)
}
