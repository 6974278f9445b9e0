import { type ForecastGroup, type ForecastSchedule, groupOf, type Window } from './forecast-group.ts'
import { minuteMs, minuteOf } from './minutes.ts'

/** What fires in a minute. */
export interface ForecastMinute {
  /** Where the minute begins; Unix milliseconds. */
  readonly minute: number
  readonly runs: number
  /** Those with the most runs, and by name where they have as many. */
  readonly schedules: readonly ScheduleRuns[]
  /** How many schedules fire besides. */
  readonly more: number
}

interface ScheduleRuns {
  readonly name: string
  readonly runs: number
}

const mostNames = 20
const stepsPerTurn = 100

/**
 * What will fire, as the timetables name it: a run that an overlap would skip counts, jitter does not, and nothing is
 * caught up. A timetable that can't be read fires nothing.
 */
export class Forecast {
  readonly window: Window
  /** How many schedules fire in the minutes so far. */
  schedules = 0
  /** How many runs the minutes so far have. */
  runs = 0
  /** Up to here the minutes so far are all there are. */
  completeUntil: number
  readonly #groups = new Map<string, ForecastGroup>()
  #steps = 0

  constructor(window: Window) {
    this.window = window
    this.completeUntil = window.from
  }

  /** Adds a schedule, before the first minute is asked for. */
  add(schedule: ForecastSchedule): void {
    const group = groupOf(this.#groups, schedule, this.window)
    if (group === undefined) return
    group.schedules += 1
    insert(group.names, schedule.name, (one, other) => one < other)
  }

  /** The minutes in which something fires, in order. In between it answers null, so that others get a turn. */
  *minutes(): Generator<ForecastMinute | null, void> {
    const { from, until } = this.window
    const firing = new Map<number, ForecastGroup[]>()
    for (const group of this.#groups.values()) yield* this.#plan(group, firing)
    this.#groups.clear()
    for (let minute = minuteOf(from); minute < until; minute += minuteMs) {
      this.completeUntil = Math.max(from, minute)
      const groups = firing.get(minute)
      if (groups === undefined) continue
      firing.delete(minute)
      yield yield* this.#count(minute, groups)
      for (const group of groups) yield* this.#plan(group, firing)
    }
    this.completeUntil = until
  }

  *#count(minute: number, groups: readonly ForecastGroup[]): Generator<null, ForecastMinute> {
    let [runs, schedules, fresh] = [0, 0, 0]
    const named: ScheduleRuns[] = []
    for (const group of groups) {
      runs += group.runs * group.schedules
      schedules += group.schedules
      if (!group.hasFired) fresh += group.schedules
      group.hasFired = true
      for (const name of group.names) if (!insert(named, { name, runs: group.runs }, comesFirst)) break
      if (this.#isTurnOver()) yield null
    }
    this.runs += runs
    this.schedules += fresh
    this.completeUntil = Math.min(minute + minuteMs, this.window.until)
    return { minute, runs, schedules: named, more: schedules - named.length }
  }

  /** Puts a group where it fires next. */
  *#plan(group: ForecastGroup, firing: Map<number, ForecastGroup[]>): Generator<null, void> {
    for (;;) {
      const { value: next } = group.minutes.next()
      if (this.#isTurnOver()) yield null
      if (next === null) continue
      if (next === undefined) return
      group.runs = next.count
      const others = firing.get(next.minute)
      if (others === undefined) firing.set(next.minute, [group])
      else others.push(group)
      return
    }
  }

  #isTurnOver(): boolean {
    this.#steps += 1
    return this.#steps % stepsPerTurn === 0
  }
}

function comesFirst(one: ScheduleRuns, other: ScheduleRuns): boolean {
  return one.runs === other.runs ? one.name < other.name : one.runs > other.runs
}

/** Keeps the first few, in order; answers whether this is one of them. */
function insert<Item>(items: Item[], item: Item, isBefore: (one: Item, other: Item) => boolean): boolean {
  const index = items.findLastIndex((other) => !isBefore(item, other)) + 1
  if (index === mostNames) return false
  items.splice(index, 0, item)
  if (items.length > mostNames) items.pop()
  return true
}
