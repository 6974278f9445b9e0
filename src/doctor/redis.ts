import { Redis } from 'ioredis'
import type { Config } from '../config/variables.ts'
import { type Finding, fail } from '../finding.ts'
import { reasonOf } from '../reason.ts'

/** Less than a check may take, so that it can tell what it waited for. */
const patienceMs = 1_500

/** Redis can't be used; the cause says why. */
export class RedisUnusableError extends Error {
  override readonly name = 'RedisUnusableError'
  /** It let us in, and could not do what it was asked for then. */
  readonly wasConnected: boolean

  constructor(cause: unknown, wasConnected: boolean) {
    super(reasonOf(cause), { cause })
    this.wasConnected = wasConnected
  }
}

/**
 * Lends a connection to the Redis of the mirror, for nothing else than to ask it.
 * @throws RedisUnusableError for whatever Redis, or the way to it, does not let through
 */
export async function withRedis<Answer>(
  { REDIS_URL = '' }: Config,
  use: (redis: Redis) => Promise<Answer>,
): Promise<Answer> {
  const redis = new Redis(REDIS_URL, {
    connectionName: 'pgbeat-doctor',
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    retryStrategy: () => null,
  })
  // What went wrong with a connection is told here, and whoever waits for it is told only that it is closed.
  let reason: unknown
  redis.on('error', (error) => {
    reason ??= error
  })
  let wasConnected = false
  try {
    await redis.connect()
    wasConnected = true
    return await use(redis)
  } catch (error) {
    if (error instanceof RedisUnusableError) throw error
    throw new RedisUnusableError(reason ?? error, wasConnected)
  } finally {
    redis.disconnect()
  }
}

/**
 * What it means that Redis can't be used.
 * @throws what is another error
 */
export function failureOf(error: unknown): Finding {
  if (!(error instanceof RedisUnusableError)) throw error
  return fail(
    `Redis can't be used: ${error.message}. Schedules fire all the same; their events are copied later`,
    actions[codeOf(error)] ?? 'start Redis, or correct REDIS_URL; the mirror goes on where it was, without being told',
  )
}

/** Redis' errors begin with a word that names their kind. */
function codeOf({ message }: Error): string {
  return message.split(' ', 1)[0] ?? ''
}

const authenticate = 'put the user and the password into REDIS_URL: redis://user:password@host:6379'

const actions: Partial<Record<string, string>> = {
  NOAUTH: authenticate,
  WRONGPASS: authenticate,
  NOPERM:
    'let the user in on it: ACL SETUSER <user> ~<channel>* &<channel>* +@all, the channel being PGBEAT_REDIS_CHANNEL',
  WRONGTYPE: 'something else has the name of the stream: delete or rename it, or choose another PGBEAT_REDIS_CHANNEL',
  READONLY: 'point REDIS_URL at the primary: this is a replica, and takes no writes',
  OOM: 'give Redis more memory (maxmemory), or keep less in it: PGBEAT_REDIS_STREAM_LENGTH',
  LOADING: 'wait: Redis is reading its data from disk',
  MISCONF: 'see the log of Redis: it takes no writes because it can not save them',
}
