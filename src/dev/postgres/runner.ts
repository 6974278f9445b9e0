import { type SpawnOptions, spawn } from 'node:child_process'
import { chown, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Account, postgresAccount } from './account.ts'
import { programs } from './binaries.ts'

/** Runs Postgres' programs as a user whom Postgres accepts: root it refuses. */
export interface Runner {
  run(program: string, args: string[], options?: { ownSession?: boolean }): Promise<{ code: number; output: string }>
  /** Gives a file to the user that the programs run as. */
  own(path: string): Promise<void>
}

/** @param dataDir may not exist yet, the directory above it must */
export async function openRunner(dataDir: string): Promise<Runner> {
  const owner = await stat(dataDir).catch(() => undefined)
  const me = process.getuid?.()
  if (me === 0) {
    const account = owner && owner.uid !== 0 ? owner : await postgresAccount()
    return firstThatWorks(dataDir, [runnerOf(account), ...capableRunners(account)])
  }
  if (owner && me !== undefined && owner.uid !== me)
    throw new Error(`${dataDir} belongs to another user (${owner.uid})`)
  return firstThatWorks(dataDir, [runnerOf()])
}

/**
 * A clone below root's home cannot be entered by anyone else. There the programs keep one of root's capabilities, the
 * smaller one that does: to look into any directory, or else to pass over permissions. Without the secure bit the
 * system call access(), with which initdb looks for its files, would leave the capability out of account.
 */
function capableRunners({ uid, gid }: Account): Runner[] {
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup']
  return ['dac_read_search', 'dac_override'].map((capability) =>
    runnerOf({ uid, gid }, ['setpriv', ...ids, `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`]),
  )
}

async function firstThatWorks(dataDir: string, runners: Runner[]): Promise<Runner> {
  const { initdb } = programs()
  let said = ''
  for (const runner of runners) {
    // Looks for all of Postgres' own files and makes none.
    const tried = await runner.run('/bin/sh', ['-c', 'cd -- "$0" && "$1" --show -D .', dirname(dataDir), initdb])
    if (tried.code === 0) return runner
    said += tried.output
  }
  throw new Error(`PostgreSQL's programs do not run here.\n${said}${advice()}`)
}

function advice(): string {
  if (process.getuid?.() !== 0) return 'Is the installation complete? npm rebuild finishes it.'
  return 'They do not run as root: work as an ordinary user, or in a directory that other users may enter.'
}

/** @param prefix a command that becomes the user, where Node by itself would not do */
function runnerOf(account?: Account, prefix: string[] = []): Runner {
  const [before, ...more] = prefix
  return {
    run: (program, args, { ownSession = false } = {}) => {
      const options = { cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' }, detached: ownSession }
      if (before) return execute(before, [...more, program, ...args], options)
      return execute(program, args, account ? { ...options, uid: account.uid, gid: account.gid } : options)
    },
    own: async (path) => {
      if (account) await chown(path, account.uid, account.gid)
    },
  }
}

function execute(command: string, args: string[], options: SpawnOptions): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: -1, output: `${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? -1, output }))
  })
}
