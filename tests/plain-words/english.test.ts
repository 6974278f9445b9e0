import t from 'tap'
import { plainWords } from '../../src/plain-words/plain-words.ts'
import { nothing } from '../support/timetable.ts'

const inTokyo = { ...nothing, timezone: 'Asia/Tokyo' }

const midnight = 'at 00:00'

const cronWords: [string, string | null][] = [
  ['* * * * *', 'every minute'],
  ['? ? * * *', 'every minute'],
  ['*/5 * * * *', 'every 5 minutes'],
  ['/5 * * * *', 'every 5 minutes'],
  ['5/15 * * * *', 'every 15 minutes, starting at 5 minutes past the hour'],
  ['0 * * * *', 'every hour'],
  ['30 9 * * 1-5', 'at 09:30, Monday through Friday'],
  ['30 21 * * MON-FRI', 'at 21:30, Monday through Friday'],
  ['30 9,17 * * *', 'at 09:30 and 17:30, every day'],
  ['*/15 9-17 * * 1-5', 'every 15 minutes, between 09:00 and 17:59, Monday through Friday'],
  // 6 and 7 fields
  ['* * * * * *', 'every second'],
  ['30 30 9 * * *', 'at 09:30:30, every day'],
  ['0 0 12 1 1 * 2027', 'at 12:00, on day 1 of the month, only in January, only in 2027'],
  // Steps that don't go round evenly are not "every"
  ['*/45 * * * *', 'at 0 and 45 minutes past the hour'],
  ['0 */5 * * *', 'at 00:00, 05:00, 10:00, 15:00 and 20:00, every day'],
  ['0 0 */10 * *', `${midnight}, on day 1, 11, 21, and 31 of the month`],
  ['0 0 1 */3 *', `${midnight}, on day 1 of the month, only in January, April, July, and October`],
  ['*/20 0,6 * * *', 'every 20 minutes, at 00:00 through 00:59 and 06:00 through 06:59'],
  // Nicknames
  ['@hourly', 'every hour'],
  ['@Daily', `${midnight}, every day`],
  ['@weekly', `${midnight}, only on Sunday`],
  ['@monthly', `${midnight}, on day 1 of the month`],
  ['@yearly', `${midnight}, on day 1 of the month, only in January`],
  // Day of month and day of week: either
  ['0 0 13 * 5', `${midnight}, either on day 13 of the month or on Friday`],
  ['0 0 13 6 FRI', `${midnight}, either on day 13 of the month or on Friday, only in June`],
  ['0 0 1-7 * 1-5', `${midnight}, either between day 1 and 7 of the month or Monday through Friday`],
  ['0 0 L * 5#1', `${midnight}, either on the last day of the month or on the first Friday of the month`],
  ['0 0 13 * +5', `${midnight}, on day 13 of the month, only on Friday`],
  ['0 0 */1 * 5', `${midnight}, every day`],
  ['0 0 ? * 5', `${midnight}, only on Friday`],
  ['0 0 13 * ?', `${midnight}, on day 13 of the month`],
  // L, W, #
  ['0 0 L * *', `${midnight}, on the last day of the month`],
  ['0 0 15,L * *', `${midnight}, on day 15 and the last day of the month`],
  ['0 0 LW * *', `${midnight}, on the last weekday of the month`],
  ['0 0 15W * *', `${midnight}, on the weekday nearest day 15 of the month`],
  ['0 0 * * FRI#1', `${midnight}, on the first Friday of the month`],
  ['0 0 * * 5#1,5#3', `${midnight}, on the first Friday and third Friday of the month`],
  ['0 0 * * FRIL', `${midnight}, on the last Friday of the month`],
  // Sunday is 0 and 7
  ['0 0 * * 7', `${midnight}, only on Sunday`],
  ['0 0 * * 0', `${midnight}, only on Sunday`],
  ['0 0 * * 7L', `${midnight}, on the last Sunday of the month`],
  ['0 0 * * FRI-SUN', `${midnight}, Friday through Sunday`],
  ['0 0 * jan,jul *', `${midnight}, only in January and July`],
  // Nothing rather than something misleading
  ['0 0 1,15W * *', null],
  ['0 0 * * MON,FRI#2', null],
  ['60/5 * * * *', null],
  ['99 * * * *', null],
  ['@reboot', null],
  ['nonsense', null],
]

t.test('cron expressions', async (t) => {
  for (const [cronExpression, words] of cronWords) {
    t.equal(plainWords({ ...inTokyo, cronExpression }), words, cronExpression)
  }
})

t.test('every and run_at', async (t) => {
  for (const [everyMs, words] of [
    [1_000, 'every second'],
    [1_500, 'every 1.5 seconds'],
    [60_000, 'every minute'],
    [300_000, 'every 5 minutes'],
    [5_400_000, 'every 90 minutes'],
    [86_400_000, 'every 24 hours'],
  ] as const) {
    t.equal(plainWords({ ...inTokyo, everyMs }), words)
  }
  t.equal(plainWords({ ...inTokyo, runAt: Date.parse('2026-07-01T00:00Z') }), 'once, at 2026-07-01T09:00:00+09:00')
})
