/** What no one means, and what may break a parser, a regular expression or a search. */

const items = (text: string) => text.trim().split(/ +|\n */)
const lines = (text: string) => text.trim().split(/\n */)

/** Puts each into one field of an expression that is right otherwise. */
const asMinute = (text: string) => items(text).map((item) => `${item} * * * *`)
const asDay = (text: string) => items(text).map((item) => `0 0 ${item} * *`)
const asMonth = (text: string) => items(text).map((item) => `0 0 1 ${item} *`)
const asWeekday = (text: string) => items(text).map((item) => `0 0 * * ${item}`)
const asYear = (text: string) => items(text).map((item) => `0 0 0 1 1 * ${item}`)
const everywhere = (text: string) => [asMinute, asDay, asMonth, asWeekday, asYear].flatMap((as) => as(text))

const numbers = [
  ...everywhere(`-1 1e308 0x1F 1.5 NaN ٣ ３ ½ ${'9'.repeat(30)} 2147483648 $1`),
  ...asMinute('60 99 65536 0b1 0o7 1_0 -0 +5 Infinity １２ Ⅻ 五 ५'),
  ...asDay('0 32 00'),
  ...asMonth('0 13'),
  ...asWeekday('8 70'),
  ...asYear('10000 99999 0-2100'),
]

const steps = asMinute('*/0 */00 */61 */1e9 */-1 */ / // */* 5/ /0 1-5/0 */2/3 */9999999999 59/61')

const ranges = [
  ...asMinute('5-1 59-0 1-2-3 -5 5--7 0-60 0-99999 *-5 5-* 1- - A-Z 1–5 1..5 5~10'),
  ...asMonth('DEC-JAN JAN-'),
  ...asWeekday('SAT-MON SUN-SUN-SUN'),
]

const lists = asMinute(', ,, 1, ,1 1,,2 1;2 ((1,2),3) [1,2] {1,2} 1,(2,(3,(4))) 1,a 1,2,60')

const specials = [
  ...asMinute('L W # 5L 1#1 LW L,L'),
  ...asDay('0W 32W W WL WW LW,1 LL L-3 L/2 15W-20W 1-5W 15W/2 1W5 *W LWL 1#1 CW'),
  ...asMonth('L 1L W 1#1 +1'),
  ...asWeekday('L LL 99L 5L2 W 5W 5# # #2 5#0 5#6 5#-1 5#1#2 8#1 5L#2 5##1 + ++1 +L 1+ 5#1e0 MON# MONL2 FRI#FRI'),
  ...asYear('L 2100L 2100W 2100#1 +2100'),
  ...items('L W # + / -').map((item) => Array(5).fill(item).join(' ')),
]

const names = [
  ...asMinute('JAN MON MON-FRI'),
  ...asMonth('FOO JANUARY JANFEB JAN1 1JAN ſep MÄR İ Jan/Feb JAN,FOO'),
  ...asWeekday('FOO MONDAY SUNMON SUN6 6SUN ſun FRI-MON-FRI SUN/MON'),
]

const nicknames = lines(`
  @reboot
  @REBOOT
  @every 5m
  @every_minute
  @minutely
  @
  @@daily
  @daily @daily
  @daily * * * *
  @yearlyy
  @ daily
  ＠daily
  @daily#
  @hourly;
  daily
`)

const shapes = [
  ...['', ' ', '\t', '\n', '*', '* *', '* * * *', '* * * * * * * *', '*****', '* * * * *\n* * * * *', '* * * *\\n*'],
  ...['*\u0001* * * *', '\u001b[31m* * * * *', '\ufffd * * * *', '\ud800 * * * *'],
]

const unicode = [
  ...['\u200b* * * * *', '\u202e* * * * *', '\u200f* * * * *', '*\u200d * * * *', '\u180e* * * * *', '* * * * *\u0085'],
  ...['*\u0301 * * * *', '0\u20e3 * * * *', '＊ ＊ ＊ ＊ ＊', '∗ ∗ ∗ ∗ ∗', '٭ * * * *', '⏰ * * * *', '🕐 🕑 🕒 🕓 🕔'],
]

const otherLanguages = lines(`
  * * * * * # daily
  0 5 * * * root /bin/backup
  #* * * * *
  "* * * * *"
  SHELL=/bin/sh
  MAILTO=a@b.c
  every 5 minutes
  5 minutes
  rate(5 minutes)
  cron(0 12 * * ? *)
  PT5M
  R/PT1H
  *:0/15
  Mon..Fri *-*-* 00:00
  H * * * *
  H/15 * * * *
  now
  tomorrow
  00:05
  2100-01-01T00:00:00Z
  2100-01-01 00:00
  Wed, 1 Jul 30 12:30+0000
  null
  undefined
  true
  [object Object]
  {}
`)

const injections = lines(`
  '; drop table pgbeat.schedules; --
  * * * * *'; select pg_sleep(10); --
  1' or '1'='1 * * * *
  $$ * * * *
  $1 $2 $3 $4 $5
  %s %s %s %s %s
  %1$s * * * *
  %n%n%n * * * *
  \\ * * * *
  :a :b :c :d :e
  {{7*7}} * * * *
  $(reboot) * * * *
  <script> * * * *
  ../../etc/passwd * * * *
  \\0 \\d+ .* [^] (?=)
`)

const prototypes = items('__proto__ constructor prototype toString hasOwnProperty valueOf length').flatMap((name) => [
  name,
  ...[asMinute, asMonth, asWeekday].flatMap((as) => as(name)),
])

/** Mostly 10 kB: what a regular expression that tries everything would not come back from. */
const long = [
  ...items('0 9 - / * # L W + , x ( 0- 0, 1/ -sun sun jan').flatMap((part) => {
    const text = part.repeat(10_000 / part.length)
    return [asMinute(`${text}!`), asDay(text), asMonth(text), asWeekday(text)].flat()
  }),
  ...asMinute(`${'0'.repeat(5_000)}-${'0'.repeat(5_000)} ${'0,'.repeat(5_000)}0`),
  ...asMinute(`${'0'.repeat(3_000)}-${'0'.repeat(3_000)}/${'0'.repeat(3_000)}`),
  `${' '.repeat(10_000)}* * * * *`,
  `*${'\u3000'.repeat(10_000)}* * * *`,
  '* '.repeat(5_000),
  '* * * * *'.repeat(1_000),
  '@daily'.repeat(1_500),
  `${'*,'.repeat(500)}* * * * *`,
  `${'*,'.repeat(5_000)}* * * * *`,
  `* * * * * * ${'1-9999,'.repeat(1_400)}1`,
]

/** Not to be read: refused by the check in SQL, or by the tick. */
export const refused = [
  ...[...numbers, ...steps, ...ranges, ...lists, ...specials, ...names, ...nicknames, ...shapes, ...unicode],
  ...[...otherLanguages, ...injections, ...prototypes, ...long],
]

/** Readable, and never due. */
export const never = [
  ...lines(`
    0 0 31 2 *
    0 0 30-31 FEB ?
    0 0 31 4,6,9,11 *
    0 0 31W 2 *
    0 0 0 29 2 * 2100
    * * * * * * 1
    * * * * * * 2020
    0 0 1-7 * +1#5
    * * * 1-21 * +1L 1-9999
    * * * 30 2 +1#5 1-9999
  `),
  `* * * ${Array.from({ length: 14 }, (_, index) => `${index + 1}W`)} * +0#5,1L,2L,3L,4L,5L,6L 1-9999`,
]

/** Odd, and right: with the first instant from 2090 on. */
export const right: readonly (readonly [expression: string, first: string])[] = [
  ['  5\t4 * * *  ', '2090-01-01T04:05:00Z'],
  ['\u00a00\u30000 2 * *', '2090-01-02T00:00:00Z'],
  [' @Daily ', '2090-01-01T00:00:00Z'],
  ['007 0 * * *', '2090-01-01T00:07:00Z'],
  [`${'0'.repeat(400)} 1 * * *`, '2090-01-01T01:00:00Z'],
  [`${'0,'.repeat(400)}5 0 1 1 *`, '2090-01-01T00:00:00Z'],
  ['*/60 */24 */31 */12 ?', '2090-01-01T00:00:00Z'],
  ['? ? ? ? ? ? ?', '2090-01-01T00:00:00Z'],
  ['0-59/60 * * * *', '2090-01-01T00:00:00Z'],
  ['0 0 * * 7', '2090-01-01T00:00:00Z'],
  ['0 0 13 * +5', '2090-01-13T00:00:00Z'],
  ['0 0 LW feb *', '2090-02-28T00:00:00Z'],
  ['0 0 29 2 *', '2092-02-29T00:00:00Z'],
  ['0 0 0 29 2 +1 2097-9999', '2112-02-29T00:00:00Z'],
  ['0 0 0 1 1 * 9998', '9998-01-01T00:00:00Z'],
]
