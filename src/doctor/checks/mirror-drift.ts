import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Config } from '../../config/variables.ts'
import { type Finding, fail, pass, skip, warn } from '../../finding.ts'
import { streamOf } from '../../mirror/append.ts'
import { type MirrorRow, readMirror } from '../../store/mirror.ts'
import { countKeptEvents } from '../../store/mirrored-events.ts'
import type { Db } from '../../store/tables.ts'
import type { Check } from '../check.ts'
import { failureOf, RedisUnusableError, withRedis } from '../redis.ts'

/** The leader looks once a second, and restores or sends what there is. */
const lookAgainMs = 1_500

/** Whether the stream in Redis has what the database says was sent. */
export const mirrorDrift: Check = {
  name: 'mirror-drift',
  needs: 'schema',
  uses: ['PGBEAT_REDIS_SYNC_ENABLED', 'REDIS_URL', 'PGBEAT_REDIS_CHANNEL'],
  async look({ db, config }) {
    if (!config.PGBEAT_REDIS_SYNC_ENABLED) return pass('the mirror is off')
    try {
      const found = await compare(db, config)
      if (found.status === 'pass' || found.status === 'skip') return found
      await delay(lookAgainMs)
      return await compare(db, config)
    } catch (error) {
      const isAway = error instanceof RedisUnusableError && !error.wasConnected
      return isAway ? skip("not looked at, because Redis can't be used: see redis") : failureOf(error)
    }
  },
}

async function compare(db: Db, config: Config): Promise<Finding> {
  const before = await readMirror(db)
  if (before.channel === null) return skip('nothing was ever mirrored: see mirror')
  const name = streamOf(before.channel)
  const { lastId, length } = await withRedis(config, (redis) => readStream(redis, name))
  const after = await readMirror(db)
  const kept = Math.min(await countKeptEvents(db), config.PGBEAT_REDIS_STREAM_LENGTH)
  const [last, least, most] = [placeOf(lastId), placeOf(before.stream_id), placeOf(after.stream_id)]
  // What is on its way may be there before the database knows that it is.
  const isAhead = isAfter(last, { ...most, number: most.number + after.lag_events })
  if (isAhead) return streamIsAhead(name, lastId, after)
  if (isAfter(least, last) && kept > 0) return streamIsBehind(name, lastId, before)
  if (last.epoch === most.epoch && length < kept) return streamIsShort(name, length, kept)
  return pass(`${name} is where the database has it, at ${lastId} with ${entries(length)}`)
}

function streamIsAhead(name: string, lastId: string, { stream_id: sent }: MirrorRow): Finding {
  return fail(
    `${name} is ahead: its last entry is ${lastId}, and ${sent} is what this database has sent`,
    'another database or program writes to it: give each its own PGBEAT_REDIS_CHANNEL. The leader goes on above its ids',
  )
}

function streamIsBehind(name: string, lastId: string, { stream_id: sent }: MirrorRow): Finding {
  return fail(
    `${name} is behind: its last entry is ${lastId}, and ${sent} was sent; Redis has lost what it had`,
    'the leading tick restores it within seconds: see the checks mirror and leader, and let Redis keep its data on disk',
  )
}

function streamIsShort(name: string, length: number, kept: number): Finding {
  return warn(
    `${name} has ${entries(length)}, and should have ${kept.toLocaleString('en')} at least: somebody took some away`,
    'whoever reads it may have missed some: have it read all schedules anew, and find who uses XTRIM, XDEL or XADD on it',
  )
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count.toLocaleString('en')} entries`
}

interface Stream {
  /** `0-0` for a stream that there is not. */
  readonly lastId: string
  readonly length: number
}

async function readStream(redis: Redis, name: string): Promise<Stream> {
  if ((await redis.exists(name)) === 0) return { lastId: '0-0', length: 0 }
  const info = (await redis.xinfo('STREAM', name)) as (string | number)[]
  const field = (wanted: string) => info[info.indexOf(wanted) + 1] ?? ''
  return { lastId: String(field('last-generated-id')), length: Number(field('length')) }
}

interface Place {
  readonly epoch: number
  readonly number: number
}

function placeOf(id: string): Place {
  const [epoch = 0, number = 0] = id.split('-').map(Number)
  return { epoch, number }
}

function isAfter(one: Place, other: Place): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.number > other.number)
}
