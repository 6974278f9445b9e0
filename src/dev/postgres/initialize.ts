import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAlive } from './alive.ts'
import { programs } from './binaries.ts'
import type { Runner } from './runner.ts'

/** Both in the data directory. */
export const passwordFile = 'pgbeat.password'
export const settingsFile = 'pgbeat.conf'

/** Makes the data directory unless it is there. It appears complete or not at all. */
export async function initialize(dataDir: string, runner: Runner, onLog: (message: string) => void): Promise<void> {
  await removeAbandoned(dataDir)
  const entries = await readdir(dataDir).catch(() => [])
  if (entries.length > 0) return checkVersion(dataDir, runner)
  onLog(`making a PostgreSQL data directory in ${dataDir}`)
  const staging = stagingOf(dataDir, process.pid)
  try {
    await mkdir(staging)
    await runner.own(staging)
    await initdb(join(staging, 'data'), join(staging, passwordFile), runner)
    await rename(join(staging, 'data'), dataDir).catch(ignoreTaken)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function initdb(data: string, pwfile: string, runner: Runner): Promise<void> {
  // The verifier's many iterations protect weak passwords; with this one they would only slow each connection down.
  const password = randomBytes(24).toString('hex')
  await writeFile(pwfile, `${password}\n`, { mode: 0o600 })
  await runner.own(pwfile)
  const args = ['-D', data, '-U', 'postgres', '--pwfile', pwfile, '--auth', 'scram-sha-256', '-c', 'scram_iterations=1']
  // The built-in locale is the same on every machine, with or without the system's locales.
  args.push('--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8')
  const { code, output } = await runner.run(programs().initdb, args)
  if (code !== 0) throw new Error(`initdb failed: ${output.trim()}`)
  await appendFile(join(data, 'postgresql.conf'), `\ninclude_if_exists '${settingsFile}'\n`)
  await rename(pwfile, join(data, passwordFile))
}

/** Directories next to the data directory in which a killed process had begun. */
async function removeAbandoned(dataDir: string): Promise<void> {
  const prefix = basename(stagingOf(dataDir, ''))
  for (const name of await readdir(dirname(dataDir))) {
    const pid = Number(name.slice(prefix.length))
    if (!name.startsWith(prefix) || (pid !== process.pid && isAlive(pid))) continue
    await rm(join(dirname(dataDir), name), { recursive: true, force: true, maxRetries: 5 })
  }
}

const stagingOf = (dataDir: string, pid: number | string) => `${dataDir}.init-${pid}`

function ignoreTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
}

async function checkVersion(dataDir: string, runner: Runner): Promise<void> {
  const made = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => '')
  if (!made) throw new Error(`${dataDir} is neither empty nor a PostgreSQL data directory`)
  const { output } = await runner.run(programs().postgres, ['--version'])
  const ours = /\d+/.exec(output)?.[0]
  if (made.trim() === ours) return
  throw new Error(
    `${dataDir} was made by PostgreSQL ${made.trim()} and this is ${ours}: ` +
      'move its data with pg_dump of that version, or remove the directory to start afresh',
  )
}
