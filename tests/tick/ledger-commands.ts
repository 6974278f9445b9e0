// What can be done to schedules, for the model-based test: each changes the database and the model alike.

import fc from 'fast-check'
import type { Timetable } from '../../src/core/timetable.ts'
import type { Simulation } from '../support/simulation.ts'
import { begin, current, end, faults, type LedgerRow, type ModelSchedule } from './ledger-model.ts'

interface Model {
  readonly schedules: ModelSchedule[]
  /** Whether the leader has done all there was to do at this time. */
  isUpToDate: boolean
}

type Command = fc.AsyncCommand<Model, Simulation>

const minute = 60_000
const most = 3

const timetables = {
  'every seven minutes': { cronExpression: '*/7 * * * *', timezone: 'UTC', everyMs: null },
  hourly: { cronExpression: '0 * * * *', timezone: 'Asia/Kolkata', everyMs: null },
  'at half past two in New York': { cronExpression: '30 2 * * *', timezone: 'America/New_York', everyMs: null },
  'every thirty seconds': { cronExpression: '*/30 * * * * *', timezone: 'UTC', everyMs: null },
  'every eleven minutes': { cronExpression: null, timezone: 'UTC', everyMs: 11 * minute },
} as const
type TimetableName = keyof typeof timetables

const anchor = Date.UTC(2025, 0, 1)

function timetableOf(name: TimetableName): Timetable {
  return { ...timetables[name], anchor, runAt: null, startsAt: anchor, endsAt: null }
}

function columnsOf(name: TimetableName): Record<string, unknown> {
  const { cronExpression, timezone, everyMs } = timetables[name]
  return {
    cron_expression: cronExpression,
    timezone,
    every: everyMs === null ? null : `${everyMs} ms`,
    starts_at: new Date(anchor),
  }
}

/** Does something, and holds the ledger against the model afterwards. */
function command(
  name: string,
  isPossible: (model: Model) => boolean,
  work: (model: Model, real: Simulation, now: number) => Promise<unknown>,
): Command {
  return {
    check: isPossible,
    async run(model, real) {
      await work(model, real, real.clock.now().getTime())
      await expectNoFaults(model, real)
    },
    toString: () => name,
  }
}

async function expectNoFaults(model: Model, { sql, clock }: Simulation): Promise<void> {
  const rows: LedgerRow[] = await sql(`
    select schedule_id, (extract(epoch from scheduled_for) * 1000)::float8 as at,
      (extract(epoch from missed_since) * 1000)::float8 as since, missed_count as count, status, origin
    from pgbeat.runs`)
  const now = clock.now().getTime()
  const found = model.schedules.flatMap((schedule) =>
    faults(schedule, rows, now, model.isUpToDate).map((fault) => `${schedule.name}: ${fault}`),
  )
  if (found.length > 0) throw new Error(found.slice(0, 5).join('\n'))
}

const pick = (model: Model, index: number) => alive(model)[index % alive(model).length] as ModelSchedule
const alive = ({ schedules }: Model) => schedules.filter(({ isDeleted }) => !isDeleted)
const isAnyAlive = (model: Model) => alive(model).length > 0
const stale = (model: Model) => {
  model.isUpToDate = false
}

const timetableName = fc.constantFrom(...(Object.keys(timetables) as TimetableName[]))
const index = fc.nat(most - 1)

const create = fc
  .record({
    timetable: timetableName,
    enabled: fc.boolean(),
    overlap_policy: fc.constantFrom('skip', 'queue', 'allow', 'replace'),
    catch_up: fc.constantFrom('none', 'latest', 'all'),
    catch_up_window: fc.constantFrom(null, '1 minute', '30 minutes'),
  })
  .map(({ timetable, ...policies }) =>
    command(
      `create ${timetable} ${JSON.stringify(policies)}`,
      (model) => alive(model).length < most,
      async (model, { sql }, now) => {
        const row = { name: `s${model.schedules.length}`, task_name: 'echo', ...columnsOf(timetable), ...policies }
        const names = Object.keys(row)
        const [{ id }] = await sql(
          `insert into pgbeat.schedules (${names}) values (${names.map((_, at) => `$${at + 1}`)}) returning id`,
          Object.values(row),
        )
        const schedule = { id, name: row.name, lives: [], isDeleted: false }
        begin(schedule, now, { timetable: timetableOf(timetable), isPaused: !policies.enabled })
        model.schedules.push(schedule)
        stale(model)
      },
    ),
  )

const edit = fc.tuple(index, timetableName).map(([at, timetable]) =>
  command(`edit ${at}: ${timetable}`, isAnyAlive, async (model, { sql }, now) => {
    const schedule = pick(model, at)
    const columns = columnsOf(timetable)
    const sets = Object.keys(columns).map((name, position) => `${name} = $${position + 2}`)
    const before = `select revision from pgbeat.schedules where id = $1`
    const [{ revision }] = await sql(before, [schedule.id])
    await sql(`update pgbeat.schedules set ${sets} where id = $1`, [schedule.id, ...Object.values(columns)])
    const [{ revision: after }] = await sql(before, [schedule.id])
    if (after === revision) return
    const { isPaused, timetable: old } = current(schedule)
    begin(schedule, now, { timetable: { ...timetableOf(timetable), endsAt: old.endsAt }, isPaused })
    stale(model)
  }),
)

const editEnd = fc.tuple(index, fc.constantFrom(null, -500, -30, 0, 45, 300)).map(([at, inMinutes]) =>
  command(`end ${at} in ${inMinutes} minutes`, isAnyAlive, async (model, { sql }, now) => {
    const schedule = pick(model, at)
    const endsAt = inMinutes === null ? null : now + inMinutes * minute
    const { isPaused, timetable } = current(schedule)
    if (timetable.endsAt === endsAt) return
    await sql('update pgbeat.schedules set ends_at = $2 where id = $1', [schedule.id, endsAt && new Date(endsAt)])
    begin(schedule, now, { timetable: { ...timetable, endsAt }, isPaused })
    stale(model)
  }),
)

const editWords = index.map((at) =>
  command(`edit words of ${at}`, isAnyAlive, async (model, { sql }, now) => {
    const { id } = pick(model, at)
    await sql('update pgbeat.schedules set description = $2, max_runs = 1000000 where id = $1', [id, `words of ${now}`])
    stale(model)
  }),
)

const pauseOrResume = index.map((at) =>
  command(`pause or resume ${at}`, isAnyAlive, async (model, { sql }, now) => {
    const schedule = pick(model, at)
    const { isPaused, timetable } = current(schedule)
    await sql(`select pgbeat.${isPaused ? 'resume' : 'pause'}($1, 'by the test')`, [schedule.name])
    begin(schedule, now, { timetable, isPaused: !isPaused })
    stale(model)
  }),
)

const remove = index.map((at) =>
  command(`delete ${at}`, isAnyAlive, async (model, { sql }, now) => {
    const schedule = pick(model, at)
    await sql('delete from pgbeat.schedules where id = $1', [schedule.id])
    end(schedule, now)
    schedule.isDeleted = true
    stale(model)
  }),
)

const trigger = index.map((at) =>
  command(`trigger ${at}`, isAnyAlive, async (model, { sql }) => {
    await sql('select pgbeat.trigger($1)', [pick(model, at).name])
  }),
)

const backfill = fc
  .record({
    at: index,
    minutesAgo: fc.integer({ min: 1, max: 2_000 }),
    minutes: fc.integer({ min: 0, max: 240 }),
    which: fc.constantFrom('missing', 'failed', 'all'),
    maxActive: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ at, minutesAgo, minutes, which, maxActive }) =>
    command(
      `backfill ${which} of ${at} from ${minutesAgo} minutes ago for ${minutes} minutes, ${maxActive} at once`,
      isAnyAlive,
      async (model, { sql }, now) => {
        const from = now - minutesAgo * minute
        const to = Math.min(now - 1, from + minutes * minute)
        const range = [new Date(from), new Date(to), which, maxActive]
        await sql('select pgbeat.backfill($1, $2, $3, $4, $5)', [pick(model, at).name, ...range])
        stale(model)
      },
    ),
  )

const cancelBackfill = fc.tuple(index, fc.integer({ min: 1, max: 60 })).map(([at, minutes]) =>
  command(
    `backfill all of ${at} in the last ${minutes} minutes, and cancel it`,
    isAnyAlive,
    async (model, real, now) => {
      const range = [new Date(now - minutes * minute), new Date(now - 1)]
      const { name } = pick(model, at)
      const [{ id }] = await real.sql(`select pgbeat.backfill($1, $2, $3, 'all', 3) as id`, [name, ...range])
      await real.scheduler.fireDue()
      await real.sql('select pgbeat.cancel_backfill($1)', [id])
      stale(model)
    },
  ),
)

const downtime = fc.integer({ min: 1, max: 600 }).map((minutes) =>
  command(
    `nothing runs for ${minutes} minutes`,
    () => true,
    async (model, { clock }) => {
      await clock.advance(minutes * minute)
      stale(model)
    },
  ),
)

const fireOnly = fc.constant(
  command(
    'the leader works, no worker does',
    () => true,
    async (model, { scheduler }) => {
      await scheduler.fireDue()
      model.isUpToDate = true
    },
  ),
)

const withoutWorkers = fc.integer({ min: 1, max: 15 }).map((minutes) =>
  command(
    `the leader works for ${minutes} minutes, no worker does`,
    () => true,
    async (model, { scheduler, clock }) => {
      for (let passed = 0; passed < minutes; passed += 1) {
        await clock.advance(minute)
        await scheduler.fireDue()
      }
      model.isUpToDate = true
    },
  ),
)

const runAll = fc.constant(
  command(
    'the leader and a worker work',
    () => true,
    async (model, { scheduler }) => {
      await scheduler.runDue()
      model.isUpToDate = true
    },
  ),
)

const goOn = fc.integer({ min: 1, max: 90 }).map((minutes) =>
  command(
    `all is well for ${minutes} minutes`,
    () => true,
    async (model, { scheduler, clock }) => {
      await scheduler.runUntil(clock.now().getTime() + minutes * minute)
      model.isUpToDate = true
    },
  ),
)

/** Some more often than others: without schedules, and without time that passes, little happens. */
export const commands = [
  create,
  create,
  create,
  withoutWorkers,
  edit,
  editEnd,
  editWords,
  pauseOrResume,
  remove,
  trigger,
  backfill,
  cancelBackfill,
  downtime,
  fireOnly,
  withoutWorkers,
  runAll,
  goOn,
]
