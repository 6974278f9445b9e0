import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './postgres/alive.ts'

/** Another process uses a data directory; stopping one of the two would stop the other's database. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError'
}

/**
 * Claims a data directory for this process; answers how to give it back. The claim of a process that was killed counts
 * for nothing.
 * @throws DirectoryInUseError
 */
export async function claimDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, 'pgbeat.pid')
  const owner = await readOwner(path)
  if (owner !== null && owner !== process.pid && isAlive(owner)) {
    throw new DirectoryInUseError(
      `process ${owner} uses ${directory} already: stop it, or set PGBEAT_DATA_DIR to another directory ` +
        `(if no such pgbeat runs, delete ${path})`,
    )
  }
  await writeFile(path, `${process.pid}\n`)
  return () => rm(path, { force: true })
}

async function readOwner(path: string): Promise<number | null> {
  try {
    const pid = Number((await readFile(path, 'utf8')).trim())
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}
