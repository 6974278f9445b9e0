import pg from 'pg'
import t from 'tap'
import type { NewLogLine } from '../../src/store/run-logs.ts'
import { limits, RunLog } from '../../src/worker/run-log.ts'

const attempt = { runId: '1', scheduledFor: '2026-03-01 12:00:00.000001+00', attempt: 2 }
const outage = () => new Error('Connection terminated unexpectedly')
const refusal = () => Object.assign(new pg.DatabaseError('no such thing', 1, 'error'), { code: '22P05' })

/** The log of an attempt, and what it has written. */
function runLog(options: { failures?: unknown[]; writeAfterMs?: number } = {}) {
  const written: NewLogLine[] = []
  const writes = { asked: 0, next: Promise.withResolvers<void>() }
  const failures = options.failures ?? []
  const log = new RunLog({
    attempt,
    now: () => 1_000,
    writeAfterMs: options.writeAfterMs ?? 3_600_000,
    async write(lines) {
      writes.asked += 1
      writes.next.resolve()
      writes.next = Promise.withResolvers()
      if (failures.length > 0) throw failures.shift()
      written.push(...lines)
    },
  })
  return { log, written, writes, texts: () => written.map(({ message }) => message) }
}

t.test('lines are written at the end, together and numbered in their order', async (t) => {
  const { log, written, writes } = runLog()
  log.add('info', 'first', { done: 1 })
  log.add('error', 'second')
  t.equal(writes.asked, 0)
  await log.end()
  t.equal(writes.asked, 1)
  t.same(written, [
    { ...attempt, line: 1, loggedAtMs: 1_000, level: 'info', message: 'first', fields: '{"done":1}' },
    { ...attempt, line: 2, loggedAtMs: 1_000, level: 'error', message: 'second', fields: null },
  ])
})

t.test('they are written while the attempt goes on, a while after the first', async (t) => {
  const { log, writes, texts } = runLog({ writeAfterMs: 1 })
  const written = writes.next.promise
  log.add('info', 'first')
  log.add('info', 'second')
  await written
  t.same(texts(), ['first', 'second'])
  await log.end()
  t.equal(writes.asked, 1)
})

t.test('an attempt that logs nothing writes nothing', async (t) => {
  const { log, writes } = runLog()
  await log.end()
  t.equal(writes.asked, 0)
})

t.test('what is logged when the attempt is over is not kept', async (t) => {
  const { log, texts } = runLog()
  log.add('info', 'in time')
  await log.end()
  log.add('info', 'too late')
  await log.end()
  t.same(texts(), ['in time'])
})

t.test('so many lines are kept, and a last one says how many are not', async (t) => {
  const { log, texts, written } = runLog()
  for (let line = 1; line <= limits.lines + 5; line += 1) log.add('info', `${line}`)
  await log.end()
  t.equal(written.length, 1_001)
  t.same(texts().slice(-2), ['1000', '5 lines were left out: 1000 lines and 256 KiB of an attempt are kept'])
  t.match(written.at(-1), { line: 1_001, level: 'warn' })
})

t.test('so many bytes are kept: nothing after the first line that does not fit', async (t) => {
  const { log, written } = runLog()
  for (let line = 1; line <= 40; line += 1) log.add('info', 'x'.repeat(limits.messageBytes - 100))
  log.add('info', 'short')
  await log.end()
  const bytes = written.slice(0, -1).reduce((sum, { message }) => sum + Buffer.byteLength(message), 0)
  t.ok(bytes <= 256 * 1024 && bytes > 240 * 1024)
  t.match(written.at(-1)?.message, /^9 lines were left out/)
})

t.test('a message that is too long is cut where a character ends', async (t) => {
  const { log, texts } = runLog()
  log.add('info', 'ab'.repeat(8_192))
  log.add('info', '長'.repeat(8_192))
  log.add('info', `${'a'.repeat(8_191)}長`)
  log.add('info', 'a'.repeat(8_192))
  await log.end()
  const [ascii = '', wide = '', justTooLong = '', fits = ''] = texts()
  t.match(ascii, /^(ab)+a?…$/)
  t.match(wide, /^長+…$/)
  t.match(justTooLong, /^a+…$/)
  t.equal(fits, 'a'.repeat(8_192))
  for (const text of texts()) t.ok(Buffer.byteLength(text) > 8_185 && Buffer.byteLength(text) <= 8_192)
})

t.test('fields are kept as JSON, or a note about why not', async (t) => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const cases: [unknown, RegExp][] = [
    [{ at: new Date(0) }, /^\{"at":"1970-01-01T00:00:00.000Z"\}$/],
    [{ error: new TypeError('no') }, /^\{"error":\{"code":"error","message":"no","stack":"TypeError: no/],
    [circular, /^\{"left_out":"the fields are what JSON can't hold"\}$/],
    [{ big: 1n }, /^\{"left_out":/],
    [
      {
        get broken() {
          throw new Error('no')
        },
      },
      /^\{"left_out":/,
    ],
    [
      { text: 'x'.repeat(limits.fieldsBytes) },
      /^\{"left_out":"the fields have 8203 bytes as JSON, and 8192 are kept"\}$/,
    ],
    ['not an object', /^"not an object"$/],
  ]
  const { log, written } = runLog()
  for (const [fields] of cases) log.add('info', '', fields)
  await log.end()
  for (const [index, [, expected]] of cases.entries()) t.match(written[index]?.fields, expected)
})

t.test('NUL characters and lone surrogates are left out, in keys too', async (t) => {
  const { log, written } = runLog()
  log.add('info', 'a\0b\ud800', { 'k\0': ['v\0', { 'l\udc00': 'w\ud800' }], '\\u0000': '\\ud800' })
  log.add('info', { not: 'text' })
  await log.end()
  t.match(written, [
    { message: 'ab\ufffd', fields: '{"k":["v",{"l\ufffd":"w\ufffd"}],"\\\\u0000":"\\\\ud800"}' },
    { message: "{ not: 'text' }" },
  ])
})

t.test('while the database is away, lines wait for the next time', async (t) => {
  const { log, writes, texts } = runLog({ failures: [outage(), outage(), outage()], writeAfterMs: 1 })
  const [first, second] = [writes.next.promise, async () => writes.next.promise]
  log.add('info', 'first')
  await first
  await second()
  log.add('info', 'second')
  await log.end()
  while (log.unwritten > 0) await log.end()
  t.same(texts(), ['first', 'second'])
})

t.test('lines that Postgres refuses are given up, and a last line says so', async (t) => {
  const { log, texts } = runLog({ failures: [refusal()] })
  log.add('info', 'first')
  log.add('info', 'second')
  await log.end()
  t.same(texts(), ['2 lines were left out: Postgres refused them'])
  t.equal(log.unwritten, 0)
})

t.test('nothing is asked for ever when Postgres refuses everything', async (t) => {
  const { log, writes } = runLog({ failures: [refusal(), refusal()] })
  log.add('info', 'first')
  await log.end()
  t.equal(writes.asked, 2)
})
