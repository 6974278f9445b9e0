import t from 'tap'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { insertRunLogs, listRunLogs, type NewLogLine } from '../../src/store/run-logs.ts'
import { findRun, triggerRun } from '../../src/store/runs.ts'
import { type System, testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

/** A manual run, whose instant has microseconds. */
async function withRun(t: Parameters<typeof testSystem>[0]) {
  const system = await testSystem(t)
  await createPartitionsAhead(system.db)
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01')`)
  return { system, ...(await newRun(system)) }
}

async function newRun(system: System) {
  const id = (await triggerRun(system.db, tester, 's')) as string
  const { text } = await system.row<{ text: string }>(
    'select scheduled_for::text as text from pgbeat.runs where id = $1',
    [id],
  )
  const found = await findRun(system.db, id)
  return { id, scheduledFor: found?.run.scheduled_for as Date, line: lineOf(id, text) }
}

const lineOf = (runId: string, scheduledFor: string) => (attempt: number, line: number) =>
  ({
    runId,
    scheduledFor,
    attempt,
    line,
    loggedAtMs: Date.UTC(2026, 2, 1) + 0.125,
    level: 'info',
    message: `${attempt}.${line} "quoted", {in braces}\n\\ `,
    fields: line === 1 ? '{"text": "a\\"b, {c}"}' : null,
  }) satisfies NewLogLine

t.test('the lines of a run come in the order of its attempts, a page at a time', async (t) => {
  const { system, id, scheduledFor, line } = await withRun(t)
  const other = await newRun(system)
  await insertRunLogs(system.db, [line(2, 1), line(1, 1), other.line(1, 1), line(1, 2), line(1, 10)])
  const first = await listRunLogs(system.db, id, scheduledFor, { limit: 2 })
  t.same(first.next, { attempt: 1, line: 2 })
  t.match(first.rows, [
    {
      attempt: 1,
      line: 1,
      level: 'info',
      message: '1.1 "quoted", {in braces}\n\\ ',
      fields: { text: 'a"b, {c}' },
    },
    { attempt: 1, line: 2, fields: null },
  ])
  const next = await listRunLogs(system.db, id, scheduledFor, { after: first.next ?? undefined, limit: 2 })
  t.equal(next.next, null)
  t.match(next.rows, [
    { attempt: 1, line: 10 },
    { attempt: 2, line: 1 },
  ])
  const after = { attempt: 2, line: 1 }
  t.same(await listRunLogs(system.db, id, scheduledFor, { after, limit: 10 }), { rows: [], next: null })
  const ofOne = await listRunLogs(system.db, id, scheduledFor, { after: { attempt: 1, line: 1 }, attempt: 1, limit: 1 })
  t.match(ofOne, { rows: [{ attempt: 1, line: 2 }], next: { attempt: 1, line: 2 } })
  t.match(await listRunLogs(system.db, id, scheduledFor, { attempt: 2, limit: 9 }), {
    rows: [{ attempt: 2 }],
    next: null,
  })
  t.match(await system.row('select distinct logged_at::text from pgbeat.run_logs'), { logged_at: /00\.000125/ })
})

t.test('lines that are written again stay as they are', async (t) => {
  const { system, id, scheduledFor, line } = await withRun(t)
  await insertRunLogs(system.db, [line(1, 1)])
  await insertRunLogs(system.db, [{ ...line(1, 1), message: 'again' }, line(1, 2)])
  const { rows } = await listRunLogs(system.db, id, scheduledFor, { limit: 10 })
  t.match(rows, [{ message: /^1\.1/ }, { message: /^1\.2/ }])
})

t.test('they are on the day of their run, and only that day is read', async (t) => {
  const { system, line, id, scheduledFor } = await withRun(t)
  await insertRunLogs(system.db, [line(1, 1)])
  const { name } = await system.row<{ name: string }>('select tableoid::regclass::text as name from pgbeat.run_logs')
  const day = scheduledFor.toISOString().slice(0, 10).replaceAll('-', '')
  t.equal(name, `pgbeat.run_logs_${day}`)
  await system.pool.query(`drop table pgbeat.run_logs_${day}`)
  t.same((await listRunLogs(system.db, id, scheduledFor, { limit: 10 })).rows, [])
})

t.test('fields nested as deep as their size allows are kept', async (t) => {
  const { system, line, id, scheduledFor } = await withRun(t)
  await insertRunLogs(system.db, [{ ...line(1, 1), fields: `${'['.repeat(4_096)}${']'.repeat(4_096)}` }])
  t.equal((await listRunLogs(system.db, id, scheduledFor, { limit: 1 })).rows.length, 1)
})
