import type pg from 'pg'
import t from 'tap'
import { nextInstant } from '../../src/core/timetable.ts'
import { TimetableError } from '../../src/core/timetable-error.ts'
import { type System, testSystem, tickUntilIdle } from '../support/system.ts'
import { never, refused, right } from './nasty-expressions.ts'

/** From here on they are asked, so that none is due while the test runs. */
const startsAt = Date.UTC(2090, 0, 1)

// Many times what the slowest takes, and far less than a hang.
const longestReadMs = 500
const longestInsertMs = 5_000

const shown = (expression: string) =>
  JSON.stringify(expression.length > 60 ? `${expression.slice(0, 60)}…` : expression)

function firstInstant(cronExpression: string): number | null | TimetableError {
  const timetable = { cronExpression, timezone: 'UTC', everyMs: null, anchor: 0, runAt: null, startsAt, endsAt: null }
  try {
    return nextInstant(timetable, 0)
  } catch (error) {
    if (error instanceof TimetableError) return error
    throw error
  }
}

t.test('there are many, and each is another one', async (t) => {
  const all = [...refused, ...never, ...right.map(([expression]) => expression)]
  t.ok(all.length >= 200, `${all.length}`)
  t.equal(new Set(all).size, all.length)
})

t.test('in the core each ends in an error or in an instant, and soon', async (t) => {
  let slowest = 0
  const read = (expression: string) => {
    const startedAt = performance.now()
    const result = firstInstant(expression)
    slowest = Math.max(slowest, performance.now() - startedAt)
    return result
  }
  for (const expression of refused) {
    const result = read(expression)
    t.ok(result instanceof TimetableError && result.field === 'cron_expression' && result.message, shown(expression))
  }
  for (const expression of never) t.equal(read(expression), null, shown(expression))
  for (const [expression, first] of right) t.equal(read(expression), Date.parse(first), shown(expression))
  t.ok(slowest < longestReadMs, `the slowest took ${slowest} ms`)
})

interface Inserted {
  readonly expression: string
  /** null when it was refused. */
  readonly id: string | null
  readonly refusal: pg.DatabaseError | null
}

async function insert({ row }: System, expression: string): Promise<Inserted> {
  try {
    const { id } = await row<{ id: string }>(
      `insert into pgbeat.schedules (task_name, cron_expression, starts_at) values ('echo', $1, $2) returning id`,
      [expression, new Date(startsAt)],
    )
    return { expression, id, refusal: null }
  } catch (error) {
    return { expression, id: null, refusal: error as pg.DatabaseError }
  }
}

t.test('as schedules', async (t) => {
  const system = await testSystem(t)
  const good = await system.row<{ id: string }>(
    `insert into pgbeat.schedules (task_name, cron_expression, overlap_policy)
     values ('echo', '* * * * *', 'allow') returning id`,
  )
  const schedule = (id: string) =>
    system.row<{ next_run_at: Date | null; error: string | null }>(
      'select next_run_at, error from pgbeat.schedules where id = $1',
      [id],
    )

  const wrong: Inserted[] = []
  let slowest = 0
  for (const expression of [...refused, ...never]) {
    const startedAt = performance.now()
    wrong.push(await insert(system, expression))
    slowest = Math.max(slowest, performance.now() - startedAt)
  }
  const odd: Inserted[] = []
  for (const [expression] of right) odd.push(await insert(system, expression))
  await tickUntilIdle(system)

  t.test('a wrong one is refused at the INSERT, or marked by the tick', async (t) => {
    for (const { expression, id, refusal } of wrong) {
      if (id === null) {
        t.match(refusal, { code: '22023', column: 'cron_expression', message: /\w/, hint: /\w/ }, shown(expression))
      } else {
        t.match(await schedule(id), { next_run_at: null, error: /\w/ }, shown(expression))
      }
    }
    const marked = wrong.filter(({ id }) => id !== null).length
    t.ok(marked > 20 && marked < wrong.length / 2, `the tick has to judge ${marked} of ${wrong.length}`)
    t.ok(slowest < longestInsertMs, `the slowest INSERT took ${slowest} ms`)
  })

  t.test('one that is odd but right is planned', async (t) => {
    for (const [index, { id, expression }] of odd.entries()) {
      const first = right[index]?.[1] as string
      t.match(await schedule(id as string), { next_run_at: new Date(first), error: null }, shown(expression))
    }
  })

  t.test('a good schedule beside them fires', async (t) => {
    const { next_run_at, error } = await schedule(good.id)
    t.equal(error, null)
    await tickUntilIdle(system, Number(next_run_at))
    const run = await system.row('select status from pgbeat.runs where schedule_id = $1 and scheduled_for = $2', [
      good.id,
      next_run_at,
    ])
    t.match(run, { status: 'queued' })
  })
})

t.test('a nul is refused by Postgres itself, whose texts have none', async (t) => {
  const { refusal } = await insert(await testSystem(t), '* * * * *\0')
  t.match(refusal, { code: '22021' })
})
