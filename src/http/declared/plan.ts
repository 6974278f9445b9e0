import type { Schedule } from '../../store/schedules.ts'
import type { FieldProblem } from '../problem.ts'
import {
  type Comparable,
  changesBetween,
  comparableDeclared,
  comparableStored,
  type Declared,
  durationColumns,
  type FieldChange,
} from './fields.ts'
import { isSetTag, setsOf, tagOfSet } from './sets.ts'

export interface Wish {
  readonly schedules: readonly Declared[]
  /** null = they belong to none. */
  readonly set: string | null
  /** Whether schedules that others made join the set. */
  readonly adopt: boolean
  /** Whether those of the set go that are not declared any more. */
  readonly prune: boolean
}

/** What is to be done about one schedule. */
export interface Step {
  readonly action: 'created' | 'changed' | 'unchanged' | 'deleted'
  readonly name: string
  /** Where it is declared; null = nowhere, it is to go. */
  readonly index: number | null
  readonly stored: Schedule | null
  readonly declared: Declared | null
  readonly wanted: Comparable | null
  readonly changes: Partial<Readonly<Record<string, FieldChange>>>
}

interface Known {
  readonly stored: readonly Schedule[]
  readonly timezone: string
  readonly secondsOf: (duration: string) => number
}

/** The durations that schedules are declared with. */
export function durationsOf(schedules: readonly Declared[]): string[] {
  const given = schedules.flatMap((declared) => durationColumns.map((column) => declared[column]))
  return [...new Set(given.filter((duration) => duration !== null && duration !== undefined))]
}

/** What is wrong with what is declared, whatever there is. */
export function refusedNames({ schedules }: Wish): FieldProblem[] {
  const first = new Map<string, number>()
  return schedules.flatMap(({ name, tags = [] }, index) => {
    const problems: FieldProblem[] = []
    const earlier = first.get(name)
    if (earlier === undefined) first.set(name, index)
    else problems.push({ field: `schedules.${index}.name`, message: `schedules.${earlier} has this name, too` })
    const reserved = tags.findIndex(isSetTag)
    if (reserved !== -1) {
      const message = 'tags that begin with apply: say which set a schedule belongs to; give the set instead'
      problems.push({ field: `schedules.${index}.tags.${reserved}`, message })
    }
    return problems
  })
}

/** What has to be done, in the order in which it is declared; what goes comes last. */
export function planOf({ schedules, set, adopt, prune }: Wish, { stored, timezone, secondsOf }: Known): Step[] {
  const byName = new Map(stored.map((schedule) => [schedule.name, schedule]))
  const steps = schedules.map((declared, index): Step => {
    const found = byName.get(declared.name)
    const before = found && comparableStored(found)
    const setTags = setTagsOf(found, { set, adopt })
    const wanted = comparableDeclared(declared, { stored: before, timezone, setTags, secondsOf })
    const changes = changesBetween(before, wanted)
    const action = found === undefined ? 'created' : Object.keys(changes).length > 0 ? 'changed' : 'unchanged'
    return { action, name: declared.name, index, stored: found ?? null, declared, wanted, changes }
  })
  if (!prune) return steps
  const declared = new Set(schedules.map(({ name }) => name))
  const gone = stored.filter(({ name, tags }) => !declared.has(name) && set !== null && tags.includes(tagOfSet(set)))
  const last = gone.map((schedule): Step => {
    return {
      action: 'deleted',
      name: schedule.name,
      index: null,
      stored: schedule,
      declared: null,
      wanted: null,
      changes: {},
    }
  })
  return [...steps, ...last.sort((a, b) => (a.name < b.name ? -1 : 1))]
}

/** The schedules that belong to other sets than the one that they are declared in. */
export function ofOtherSets(steps: readonly Step[], { set, adopt }: Wish): FieldProblem[] {
  if (set === null || adopt) return []
  return steps.flatMap(({ index, stored }) => {
    const [other] = setsOf(stored?.tags ?? []).filter((one) => one !== set)
    if (index === null || other === undefined) return []
    const message = `it belongs to the set ${other}`
    return [{ field: `schedules.${index}.name`, message, hint: 'Take it out of there first, or adopt it.' }]
  })
}

/** Only what is created belongs to the set by itself: what others made must never go because it is declared no more. */
function setTagsOf(found: Schedule | undefined, { set, adopt }: Pick<Wish, 'set' | 'adopt'>): string[] {
  if (set !== null && (found === undefined || adopt)) return [tagOfSet(set)]
  return found?.tags.filter(isSetTag) ?? []
}
