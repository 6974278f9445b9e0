import type { Config } from '../../config/variables.ts'
import { type Finding, fail, pass, warn } from '../../finding.ts'
import { type MirrorRow, mostCounted, readMirror } from '../../store/mirror.ts'
import type { Check } from '../check.ts'
import { ago, quantity } from '../phrases.ts'

/** It shows that it is there once a second, or later while it has much to send. */
const silentAfterSeconds = 15
const late = { warnSeconds: 10, failSeconds: 60 }

/** Whether the leading tick mirrors, and how far it is behind. */
export const mirror: Check = {
  name: 'mirror',
  needs: 'schema',
  uses: ['PGBEAT_REDIS_SYNC_ENABLED', 'PGBEAT_REDIS_CHANNEL'],
  async look({ db, config }) {
    const row = await readMirror(db)
    const isSeen = row.seen_age_seconds !== null && row.seen_age_seconds <= silentAfterSeconds
    if (!config.PGBEAT_REDIS_SYNC_ENABLED && !isSeen) return pass('the mirror is off')
    if (!isSeen) return nobodyMirrors(row)
    return lagOf(row) ?? misconfigured(row, config) ?? pass(told(row))
  },
}

function nobodyMirrors({ seen_age_seconds: age, lag_events: events }: MirrorRow): Finding {
  const since = age === null ? 'no tick has ever mirrored' : `no tick has mirrored for ${ago(age)}`
  const waiting = events > 0 ? `; not copied yet: ${lagEvents(events)}` : ''
  return fail(
    `${since}${waiting}`,
    'give every tick PGBEAT_REDIS_SYNC_ENABLED=true and REDIS_URL, for it is the leading one that mirrors; see the check leader',
  )
}

function lagOf(row: MirrorRow): Finding | undefined {
  const { lag_seconds: seconds, failing_since: since, error } = row
  const why = since === null ? '' : `: failing since ${since.toISOString()}, ${error}`
  const action =
    since === null
      ? 'see what the leading tick logs, and whether Redis is slow: the check redis; it catches up by itself'
      : 'mend what it says; the mirror then goes on by itself, with nothing missing'
  if (seconds > late.failSeconds) return fail(`${told(row)}${why}`, action)
  if (seconds > late.warnSeconds || since !== null) return warn(`${told(row)}${why}`, action)
  return undefined
}

function misconfigured({ channel }: MirrorRow, config: Config): Finding | undefined {
  if (!config.PGBEAT_REDIS_SYNC_ENABLED || channel === config.PGBEAT_REDIS_CHANNEL) return undefined
  return warn(
    `the leading tick mirrors to ${channel}, and here PGBEAT_REDIS_CHANNEL is ${config.PGBEAT_REDIS_CHANNEL}`,
    'give all processes the same PGBEAT_REDIS_CHANNEL',
  )
}

function told({ channel, lag_events: events, lag_seconds: seconds }: MirrorRow): string {
  const place = events === 0 ? 'and every event is copied' : `${lagEvents(events)} and ${ago(seconds)} behind`
  return `a tick mirrors to ${channel}, ${place}`
}

function lagEvents(events: number): string {
  return quantity(events, 'event', mostCounted)
}
