import { z } from 'zod'
import { asTransaction } from '../../store/as-actor.ts'
import { findDeclared, orUndone, secondsOf } from '../../store/declared-schedules.ts'
import type { Schedule } from '../../store/schedules.ts'
import { actorOf } from '../access/caller.ts'
import { carryOut, changedMeanwhile } from '../declared/carry-out.ts'
import { declaredSchedule } from '../declared/fields.ts'
import { durationsOf, ofOtherSets, planOf, refusedNames, type Step, type Wish } from '../declared/plan.ts'
import { tagOfSet } from '../declared/sets.ts'
import { endpoint } from '../endpoint.ts'
import { anyJson } from '../fields/json-value.ts'
import { text } from '../fields/text.ts'
import { type FieldProblem, invalidField, Problem } from '../problem.ts'
import { mostTold } from '../requests/parse.ts'
import type { Services } from '../services.ts'
import { noWorkerWarning, warning } from '../written-schedule.ts'

const mostAtOnce = 10_000

const body = z.strictObject({
  schedules: z.array(declaredSchedule).max(mostAtOnce),
  set: text
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be letters, digits, dots, dashes and underscores')
    .optional()
    .describe('What is created gets the tag `apply:` and this'),
  adopt: z.boolean().default(false).describe('Schedules that others made, or that are of another set, join the set'),
  prune: z.boolean().default(false).describe('Delete those of the set that are not declared any more'),
  dry_run: z.boolean().default(false).describe('Only tell what would be done, or why it would be refused'),
  strict: z.boolean().default(false).describe('Refuse tasks that no live worker has'),
  revisions: z
    .record(z.string(), z.int().nullable())
    .optional()
    .describe(
      'The revisions that a dry run has told, by name, null for what was not there: nothing is done if one differs',
    ),
})

const step = z
  .object({
    name: z.string(),
    action: z.enum(['created', 'changed', 'unchanged', 'deleted']),
    revision: z.int().nullable().describe('Before; null = it was not there'),
    changes: z.record(z.string(), z.object({ from: anyJson, to: anyJson })),
  })
  .meta({ id: 'AppliedSchedule' })

export const applyEndpoint = endpoint({
  id: 'applySchedules',
  method: 'post',
  path: '/api/v1/apply',
  tag: 'Bulk actions',
  role: 'admin',
  summary: 'Have schedules be as declared',
  description:
    `Up to ${mostAtOnce} at once, all of them or, when one is refused, none: the answer then names everything that is ` +
    'wrong. What a schedule leaves out becomes what it is for one that is created without it, except `enabled`, which ' +
    'stays: a pause survives. What is as declared already is not touched.',
  body,
  example: {
    schedules: [{ name: 'nightly-report', task_name: 'echo', cron_expression: '30 2 * * *', timezone: 'Asia/Tokyo' }],
    set: 'reports',
    dry_run: true,
  },
  status: 200,
  content: z.object({
    data: z
      .object({
        dry_run: z.boolean(),
        created: z.int(),
        changed: z.int(),
        unchanged: z.int(),
        deleted: z.int(),
        schedules: z.array(step),
      })
      .meta({ id: 'Applied' }),
    meta: z.object({ warnings: z.array(warning).describe('What works and is worth a look, once for each task') }),
  }),
  problems: ['invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken', 'revision_mismatch'],
  async handle({ body, caller }, services) {
    const { schedules, set = null, adopt, prune, dry_run: isDryRun, strict: isStrict, revisions } = body
    if (set === null && (adopt || prune))
      throw invalidField('set', `${prune ? 'prune' : 'adopt'} is about a set: name it`)
    const wish = { schedules, set, adopt, prune }
    refuse('invalid_schedule', refusedNames(wish))
    const steps = await asTransaction(services.db, async (trx) => {
      const names = schedules.map(({ name }) => name)
      const stored = await findDeclared(trx, { names, tag: prune && set !== null ? tagOfSet(set) : null })
      const steps = planOf(wish, { stored, timezone: services.timezone, secondsOf: await durationReader(trx, wish) })
      if (revisions !== undefined) requireRevisions(steps, revisions)
      refuse('name_taken', ofOtherSets(steps, wish))
      const work = () => carryOut(trx, steps, { services, actor: actorOf(caller), isStrict })
      await (isDryRun ? undone(trx, work) : work())
      return steps
    })
    return { content: { data: present(steps, isDryRun), meta: { warnings: await warningsOf(steps, services) } } }
  },
})

type Db = Services['db']

async function durationReader(trx: Db, { schedules }: Wish): Promise<(duration: string) => number> {
  const durations = durationsOf(schedules)
  const seconds = new Map((await secondsOf(trx, durations)).map((value, index) => [durations[index], value]))
  return (duration) => seconds.get(duration) as number
}

class DryRunOver extends Error {}

/** Everything is tried, for only that shows what the database refuses, and nothing stays. */
async function undone(trx: Db, work: () => Promise<void>): Promise<void> {
  const attempt = orUndone(trx, async () => {
    await work()
    throw new DryRunOver()
  })
  await attempt.catch((error: unknown) => {
    if (!(error instanceof DryRunOver)) throw error
  })
}

function refuse(code: 'invalid_schedule' | 'name_taken', errors: readonly FieldProblem[]): void {
  const [first] = errors
  if (first === undefined) return
  const message = errors.length === 1 ? first.message : `${errors.length} schedules are refused`
  throw new Problem(code, message, { errors: errors.slice(0, mostTold) })
}

/** @throws Problem revision_mismatch */
function requireRevisions(steps: readonly Step[], revisions: Readonly<Record<string, number | null>>): void {
  const found = new Map(steps.map(({ name, stored }) => [name, revisionOf(stored)]))
  const names = new Set([...found.keys(), ...Object.keys(revisions)])
  const [changed] = [...names].filter((name) => (found.get(name) ?? null) !== (revisions[name] ?? null))
  if (changed !== undefined) throw changedMeanwhile(changed)
}

function revisionOf(stored: Schedule | null): number | null {
  return stored === null ? null : Number(stored.revision)
}

function present(steps: readonly Step[], isDryRun: boolean) {
  const count = (wanted: Step['action']) => steps.filter(({ action }) => action === wanted).length
  return {
    dry_run: isDryRun,
    created: count('created'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    deleted: count('deleted'),
    schedules: steps.map(({ name, action, stored, changes }) => {
      const revision = revisionOf(stored)
      return { name, action, revision, changes: changes as z.output<typeof step>['changes'] }
    }),
  }
}

async function warningsOf(steps: readonly Step[], { catalogue }: Services): Promise<z.output<typeof warning>[]> {
  const live = await catalogue.liveTasks()
  const tasks = new Set(steps.flatMap(({ declared }) => (declared === null ? [] : [declared.task_name])))
  return [...tasks].filter((task) => !live.has(task)).map(noWorkerWarning)
}
