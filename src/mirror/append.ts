import type { Redis } from 'ioredis'
import type { Message } from './message.ts'

/** An event, under the id of its entry in the stream. */
export interface Entry {
  readonly id: string
  /** The event's id in `schedule_events`, by which who gets one twice knows it. */
  readonly eventId: string
  readonly message: Message
}

export interface Append {
  readonly channel: string
  /** The id that the last entry must have; if it is another one, nothing is done. */
  readonly after: string
  readonly entries: readonly Entry[]
  /** Whether those who are subscribed to the channel are told too. */
  readonly publishes: boolean
  /** If fewer are subscribed, nothing is done. */
  readonly leastSubscribers: number
  /** How many entries the stream keeps at least. */
  readonly streamLength: number
}

export interface Appended {
  readonly isDone: boolean
  /** The id of the stream's last entry now; `0-0` if there is no stream. */
  readonly lastId: string
  /** How many subscribers got the messages, added up. */
  readonly receivers: number
  readonly subscribers: number
}

/**
 * Looks, appends and publishes as one: whatever another leader does at the same time, channel and stream have each event
 * once and in the same order.
 */
const script = `
local channel, after, length, publishes, least = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == 'true', tonumber(ARGV[5])
local last = '0-0'
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if info.err then
  if not string.find(info.err, 'no such key', 1, true) then return redis.error_reply(info.err) end
else
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] end
  end
end
local numsub = redis.pcall('PUBSUB', 'NUMSUB', channel)
local subscribers = numsub.err and least or numsub[2]
if last ~= after or subscribers < least then return {0, last, 0, subscribers} end
local receivers = 0
for i = 6, #ARGV, 6 do
  local id, event_id, message = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', length, id,
    'event_type', ARGV[i + 3], 'schedule_id', ARGV[i + 4], 'timestamp', ARGV[i + 5], 'event_id', event_id)
  if publishes then receivers = receivers + redis.call('PUBLISH', channel, message) end
  last = id
end
return {1, last, receivers, subscribers}
`

/** @throws when Redis does not answer, or refuses */
export async function append(redis: Redis, batch: Append): Promise<Appended> {
  const { channel, after, entries, publishes, leastSubscribers, streamLength } = batch
  const settings = [channel, after, streamLength, String(publishes), leastSubscribers]
  const values = entries.flatMap(({ id, eventId, message }) => [
    id,
    eventId,
    JSON.stringify(message),
    message.event_type,
    message.schedule_id,
    message.timestamp,
  ])
  const answer = await redis.eval(script, 1, streamOf(channel), ...settings, ...values)
  const [isDone, lastId, receivers, subscribers] = answer as [number, string, number, number]
  return { isDone: isDone === 1, lastId, receivers, subscribers }
}

/** The stream beside a channel. */
export function streamOf(channel: string): string {
  return `${channel}:stream`
}
