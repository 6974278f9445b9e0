import { isDeepStrictEqual } from 'node:util'
import { isSetTag } from '../../http/declared/sets.ts'
import { columnDefaults, scheduleColumns } from '../../http/resources/schedule.ts'
import type { Schedule } from '../schedules/present.ts'
import type { Fields } from './read-declared.ts'
import type { Declarations } from './to-yaml.ts'

/** A time zone is always said: left out, it would be that of the API which the file is applied to. */
const defaults = { timezone: 'UTC' }

/** Schedules as they are declared, in an order that is the same everywhere. */
export function declarationsOf(schedules: readonly Schedule[]): Declarations {
  const sorted = schedules.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { defaults, schedules: sorted.map((schedule) => ({ fields: fieldsOf(schedule) })) }
}

function fieldsOf(schedule: Schedule): Fields {
  const usual: Fields = { ...columnDefaults, payload: {}, ...defaults }
  const fields = { ...schedule, tags: schedule.tags.filter((tag) => !isSetTag(tag)) }
  return Object.fromEntries(
    (Object.keys(scheduleColumns) as (keyof typeof scheduleColumns)[])
      .map((name) => [name, fields[name]] as const)
      .filter(([name, value]) => !isDeepStrictEqual(value, usual[name])),
  )
}
