import { ApiError } from '../client/api-error.ts'
import { ConfigError } from '../config/read-config.ts'
import { TimetableError } from '../core/timetable-error.ts'
import { DirectoryInUseError } from '../dev/claim.ts'
import { NoPostgresError } from '../dev/postgres/binaries.ts'
import { ListenError } from '../http/listen.ts'
import { MigrationError } from '../store/migrate.ts'
import { PoolerError } from '../store/pooler.ts'
import { UsageError } from './command.ts'
import { CommandFailure } from './command-failure.ts'
import { exitCodes } from './exit-codes.ts'

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
    CommandFailure,
  ].some((expected) => error instanceof expected)
}

/** Says why a command has failed. */
export function tellFailure(error: unknown): void {
  process.stderr.write(`pgbeat: ${describe(error)}\n`)
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ApiError) return exitCodeOfStatus(error.status)
  if (error instanceof CommandFailure) return exitCodes[error.kind]
  const isUse = [UsageError, ConfigError, TimetableError].some((wrong) => error instanceof wrong)
  return isUse ? exitCodes.usedWrongly : exitCodes.failed
}

/** By what the API would have answered. */
function exitCodeOfStatus(status: number): number {
  if (status === 404) return exitCodes.notFound
  if (status === 409 || status === 412) return exitCodes.conflict
  return status === 400 || status === 422 ? exitCodes.usedWrongly : exitCodes.failed
}

function describe(error: unknown): string {
  if (isExpected(error)) return error.message
  if (error instanceof ApiError) return describeAnswer(error)
  // A refused connection comes as an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ')
  if (!(error instanceof Error)) return String(error)
  // fetch says no more than that it failed.
  if (error instanceof TypeError && error.cause instanceof Error) return `${error.message}: ${describe(error.cause)}`
  return 'code' in error && typeof error.code === 'string'
    ? `${error.message} (${error.code})`
    : (error.stack ?? error.message)
}

/** What the API says, with the fields; of what is not the caller's fault, in this process, what is behind it. */
function describeAnswer({ message, status, code, errors, requestId, cause }: ApiError): string {
  if (status >= 500 && cause !== undefined) return describe(cause)
  const fields = errors
    .filter((error) => errors.length > 1 || error.message !== message || error.hint !== undefined)
    .map(({ field, message: wrong, hint }) => `\n  ${field}: ${wrong}${hint === undefined ? '' : `. ${hint}`}`)
  const request = status >= 500 && requestId !== undefined ? `, request ${requestId}` : ''
  const [only] = errors
  const where = fields.length === 0 && only !== undefined && only.field !== 'If-Match' ? `${only.field}: ` : ''
  return `${where}${message} (${code}${request})${fields.join('')}`
}
