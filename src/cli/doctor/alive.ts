import { hostname } from 'node:os'
import { reasonOf } from '../../reason.ts'
import { openSession, overSession } from '../../store/database.ts'
import { findLatestNode } from '../../store/nodes.ts'
import type { NodeKind } from '../../store/tables.ts'
import { UsageError } from '../usage-error.ts'

const kinds: readonly NodeKind[] = ['tick', 'worker', 'api']
const answerTimeoutMs = 2_000

/** Says whether a node of this host is alive. Made for being asked every few seconds: it reads no more than it needs. */
export async function tellWhetherAlive(
  environment: NodeJS.ProcessEnv,
  { kind }: { readonly kind?: string | undefined },
): Promise<number> {
  if (kind !== undefined && !isKind(kind)) throw new UsageError(`--kind: must be ${kinds.join(', ')}`)
  const { isAlive, message } = await find(environment.DATABASE_URL ?? '', kind).catch((error) => ({
    isAlive: false,
    message: `can't tell: ${reasonOf(error)}`,
  }))
  process.stdout.write(`${message}\n`)
  return isAlive ? 0 : 2
}

async function find(connectionString: string, kind: NodeKind | undefined) {
  if (connectionString === '') throw new Error('DATABASE_URL is not set')
  const session = await openSession(connectionString, 'pgbeat doctor alive', { answerTimeoutMs })
  try {
    const found = await findLatestNode(overSession(session), hostname(), kind)
    if (found === undefined) return { isAlive: false, message: `no ${kind ?? 'node'} of ${hostname()} is registered` }
    const { kind: whose, pid, is_alive: isAlive, heartbeat_age_seconds: age } = found
    const words = isAlive ? 'is alive' : 'is not alive'
    const message = `the ${whose} of ${hostname()} (process ${pid}) ${words}: its last heartbeat was ${age.toFixed(1)} s ago`
    return { isAlive, message }
  } finally {
    await session.end()
  }
}

function isKind(kind: string): kind is NodeKind {
  return kinds.some((known) => known === kind)
}
