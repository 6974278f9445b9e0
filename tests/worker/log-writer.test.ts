import pg from 'pg'
import t from 'tap'
import type { NewLogLine } from '../../src/store/run-logs.ts'
import { LogWriter } from '../../src/worker/log-writer.ts'

const line = (runId: string): NewLogLine => ({
  runId,
  scheduledFor: '2026-03-01 12:00:00+00',
  attempt: 1,
  line: 1,
  loggedAtMs: 0,
  level: 'info',
  message: '',
  fields: null,
})
const refusal = () => Object.assign(new pg.DatabaseError('no such thing', 1, 'error'), { code: '22P05' })

/** A writer whose statements wait to be let go; `statements` are the runs of each. */
function slowWriter(failsFor: (runs: string[]) => Error | undefined = () => undefined) {
  const statements: string[][] = []
  const gate = Promise.withResolvers<void>()
  const writer = new LogWriter(async (lines) => {
    const runs = lines.map(({ runId }) => runId)
    statements.push(runs)
    await gate.promise
    const error = failsFor(runs)
    if (error !== undefined) throw error
  })
  return { writer, statements, letGo: gate.resolve }
}

t.test('one statement at a time: what comes meanwhile goes into the next one together', async (t) => {
  const { writer, statements, letGo } = slowWriter()
  const writes = ['1', '2', '3'].map((run) => writer.write([line(run)]))
  t.same(statements, [['1']])
  letGo()
  await Promise.all(writes)
  t.same(statements, [['1'], ['2', '3']])
  await writer.write([line('4')])
  t.same(statements.slice(2), [['4']])
})

t.test('lines that are refused take no others along', async (t) => {
  const { writer, statements, letGo } = slowWriter((runs) => (runs.includes('2') ? refusal() : undefined))
  const writes = ['1', '2', '3'].map((run) => writer.write([line(run)]))
  letGo()
  t.same(
    (await Promise.allSettled(writes)).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.same(statements, [['1'], ['2', '3'], ['2'], ['3']])
})

t.test('when the database is away, all are told so at once', async (t) => {
  const { writer, statements, letGo } = slowWriter(() => new Error('Connection terminated unexpectedly'))
  const writes = ['1', '2', '3'].map((run) => writer.write([line(run)]))
  letGo()
  t.same(
    (await Promise.allSettled(writes)).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  t.same(statements, [['1'], ['2', '3']])
})
