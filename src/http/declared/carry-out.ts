import type { Actor } from '../../store/as-actor.ts'
import { createSchedules, deleteFound, orUndone } from '../../store/declared-schedules.ts'
import { changeSchedule, createSchedule, deleteSchedule, type NewSchedule } from '../../store/schedules.ts'
import type { Db } from '../../store/tables.ts'
import { type FieldProblem, Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { toProblem } from '../to-problem.ts'
import { requireWorker } from '../written-schedule.ts'
import { type Comparable, type Declared, type DeclaredColumn, declaredColumns, toColumns } from './fields.ts'
import type { Step } from './plan.ts'

interface Means {
  readonly services: Services
  readonly actor: Actor
  readonly isStrict: boolean
}

/**
 * Does what a plan says, all of it or nothing. What is wrong is found one by one only where something is: a savepoint for
 * each schedule would slow down everybody else's snapshots.
 * @throws Problem with all that is refused, by where it is declared; revision_mismatch where somebody was faster
 */
export async function carryOut(trx: Db, steps: readonly Step[], means: Means): Promise<void> {
  const work = steps.filter(({ action }) => action !== 'unchanged').sort(inOrder)
  try {
    await orUndone(trx, () => takeAll(trx, work, means))
  } catch (error) {
    if (!isAboutOne(error)) throw error
    throw refusalOf(await refusalsOf(trx, work, means), error)
  }
}

/** What is new and what goes takes a statement each, however much it is. */
async function takeAll(trx: Db, work: readonly Step[], means: Means): Promise<void> {
  for (const step of work) if (step.action === 'changed') await take(trx, step, means)
  const created: NewSchedule[] = []
  for (const { action, declared, wanted } of work) {
    if (action !== 'created' || declared === null || wanted === null) continue
    await checkTask(declared.task_name, wanted.payload, means)
    created.push(newSchedule(wanted, declared))
  }
  if (created.length > 0) await createSchedules(trx, means.actor, created)
  const gone = work.flatMap(({ action, stored }) => (action === 'deleted' && stored !== null ? [stored] : []))
  const [first] = gone
  if (first !== undefined && (await deleteFound(trx, means.actor, gone)) < gone.length)
    throw changedMeanwhile(first.name)
}

async function refusalsOf(trx: Db, work: readonly Step[], means: Means): Promise<{ step: Step; problem: Problem }[]> {
  const refusals: { step: Step; problem: Problem }[] = []
  for (const step of work) {
    try {
      await orUndone(trx, () => take(trx, step, means))
    } catch (error) {
      if (!isAboutOne(error)) throw error
      refusals.push({ step, problem: toProblem(error) })
    }
  }
  return refusals.sort((a, b) => (a.step.index ?? 0) - (b.step.index ?? 0))
}

function refusalOf(refusals: readonly { step: Step; problem: Problem }[], first: unknown): Problem {
  const errors = refusals.flatMap(({ step, problem }) => problemsAt(step, problem))
  const code = refusals[0]?.problem.code
  // Refused once and not again: whatever it was, it has passed.
  if (code === undefined) return toProblem(first)
  const isOneKind = refusals.every(({ problem }) => problem.code === code)
  const message = refusals.length === 1 ? (errors[0]?.message ?? '') : `${refusals.length} schedules are refused`
  return new Problem(isOneKind ? code : 'invalid_schedule', message, { errors })
}

function problemsAt({ index, name }: Step, { errors, message }: Problem): FieldProblem[] {
  const at = index === null ? name : `schedules.${index}`
  return errors.length === 0
    ? [{ field: at, message }]
    : errors.map((error) => ({ ...error, field: error.field === 'If-Match' ? at : `${at}.${error.field}` }))
}

/** Whether it says something of a schedule, and not of the database or of all of them. */
function isAboutOne(error: unknown): boolean {
  return [409, 412, 422].includes(toProblem(error).status) && toProblem(error).code !== 'locked'
}

async function take(trx: Db, { stored, declared, wanted, changes }: Step, means: Means): Promise<void> {
  const { actor, services, isStrict } = means
  if (declared === null || wanted === null) {
    if (stored !== null && (await deleteSchedule(trx, actor, stored.id, [stored.revision])) === undefined) {
      throw changedMeanwhile(stored.name)
    }
  } else if (stored === null) {
    await checkTask(declared.task_name, wanted.payload, means)
    await createSchedule(trx, actor, newSchedule(wanted, declared))
  } else {
    if ('task_name' in changes || 'payload' in changes) await checkTask(declared.task_name, wanted.payload, means)
    else await requireWorker(services, declared.task_name, isStrict)
    const values = toColumns(wanted, declared, Object.keys(changes) as DeclaredColumn[])
    const changed = await changeSchedule(trx, actor, stored.id, values, [stored.revision])
    if (changed === undefined) throw changedMeanwhile(stored.name)
  }
}

async function checkTask(taskName: string, payload: unknown, { services, isStrict }: Means): Promise<void> {
  await requireWorker(services, taskName, isStrict)
  await services.catalogue.checkPayload(taskName, payload)
}

function newSchedule(wanted: Comparable, declared: Declared): NewSchedule {
  return { ...toColumns(wanted, declared, declaredColumns), name: declared.name } as NewSchedule
}

export function changedMeanwhile(name: string): Problem {
  const message = `somebody has changed ${name} meanwhile`
  return new Problem('revision_mismatch', message, { errors: [{ field: 'If-Match', message }] })
}

/** In one order everywhere, so that two who apply the same wait for each other at the first of it. */
function inOrder(a: Step, b: Step): number {
  return placeOf(a) < placeOf(b) ? -1 : 1
}

function placeOf({ stored, name }: Step): string {
  return stored === null ? `new ${name}` : stored.id
}
