import type { Fields } from '../declared/read-declared.ts'

/** A schedule that was found elsewhere. */
interface FoundSchedule {
  readonly fields: Fields & { readonly name: string }
  /** What it is called there, or where: `line 3`. */
  readonly from: string
  /** What of it can't be had here, or is otherwise. */
  readonly notes: readonly string[]
}

/** Something that can't be a schedule here. */
export interface Left {
  readonly from: string
  readonly why: string
}

/** What was found elsewhere. */
export interface Found {
  /** What to know of all of it. */
  readonly remarks: readonly string[]
  readonly defaults: Fields
  readonly schedules: readonly FoundSchedule[]
  readonly left: readonly Left[]
}

/** What became of one entry. */
export type Outcome = { readonly schedule: FoundSchedule } | { readonly left: Left }

/** @param outcomes in the order in which the entries were found; names that come twice get a number */
export function found(remarks: readonly string[], defaults: Fields, outcomes: readonly Outcome[]): Found {
  const schedules = outcomes.flatMap((one) => ('schedule' in one ? [withoutUsual(one.schedule, defaults)] : []))
  return {
    remarks,
    defaults,
    schedules: named(schedules),
    left: outcomes.flatMap((one) => ('left' in one ? [one.left] : [])),
  }
}

function withoutUsual({ fields, ...found }: FoundSchedule, defaults: Fields): FoundSchedule {
  const own = Object.entries(fields).filter(([name, value]) => value !== undefined && value !== defaults[name])
  return { ...found, fields: Object.fromEntries(own) as FoundSchedule['fields'] }
}

function named(schedules: readonly FoundSchedule[]): FoundSchedule[] {
  const taken = new Set<string>()
  return schedules.map((schedule) => {
    let { name } = schedule.fields
    for (let number = 2; taken.has(name); number += 1) name = `${schedule.fields.name}-${number}`
    taken.add(name)
    return { ...schedule, fields: { ...schedule.fields, name } }
  })
}
