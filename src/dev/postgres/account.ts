import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Account {
  uid: number
  gid: number
}

/** The user that root runs Postgres as. Made the way Debian's own package does, which then takes it over. */
export async function postgresAccount(): Promise<Account> {
  const args = [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/var/lib/postgresql',
    '--shell',
    '/bin/bash',
  ]
  const account =
    (await lookUp('postgres')) ??
    (await run('useradd', [...args, 'postgres']).then(
      () => lookUp('postgres'),
      () => undefined,
    )) ??
    (await lookUp('nobody'))
  if (!account) throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody')
  return account
}

const run = promisify(execFile)

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}
