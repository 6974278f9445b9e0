import type { Test } from 'tap'
import { runMirror } from '../../src/mirror/run-mirror.ts'
import type { Running } from '../../src/running.ts'
import { nextEvent } from '../support/events.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { type System, testSystem } from '../support/system.ts'
import { type Consumer, channel, consume } from './consumer.ts'

export interface Mirroring extends System {
  readonly redis: TestRedis
  readonly consumer: Consumer
  /** Creates a schedule that is not due for long; answers its id. */
  create(name: string): Promise<string>
  /** Resolves once all events there are now are in Redis. */
  caughtUp(): Promise<void>
}

interface Options {
  readonly persistent?: boolean
  readonly minIntervalMs?: number
}

/** A tick that leads and mirrors to a Redis, and a consumer there. */
export async function mirroring(
  t: Test,
  { persistent = false, minIntervalMs = 100 }: Options = {},
): Promise<Mirroring> {
  const redis = await startRedis(t, { persistent })
  const [system, consumer] = [await testSystem(t), await consume(t, redis)]
  const connected = nextEvent(system.events, 'mirror:connected')
  startMirror(t, system, redis.url, { minIntervalMs })
  system.startTick()
  await connected
  return {
    ...system,
    redis,
    consumer,
    create: (name) => createSchedule(system, name),
    caughtUp: () => caughtUp(system),
  }
}

export function startMirror(
  t: Pick<Test, 'teardown'>,
  { connectionString, events }: System,
  redisUrl: string,
  { minIntervalMs = 100, streamLength = 10_000 } = {},
): Running {
  const mirror = runMirror({ connectionString, events, redisUrl, channel, streamLength, minIntervalMs })
  t.teardown(() => mirror.stop())
  return mirror
}

export async function createSchedule({ pool }: Pick<System, 'pool'>, name: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ($1, 'echo', '0 0 1 1 *') returning id`,
    [name],
  )
  return rows[0]?.id as string
}

/** Resolves once all events there are now are in Redis. */
export async function caughtUp({ pool, events }: Pick<System, 'pool' | 'events'>): Promise<void> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int from pgbeat.schedule_events
     where event_type in ('created', 'updated', 'paused', 'resumed', 'deleted')`,
  )
  const isUpToDate = async () => {
    const { rows: places } = await pool.query<{ sent: number }>('select sent::int from pgbeat.mirror')
    return Number(places[0]?.sent) >= Number(rows[0]?.count)
  }
  while (!(await isUpToDate())) {
    await Promise.race([nextEvent(events, 'mirror:sent'), nextEvent(events, 'tick:passed')])
  }
}
