import { writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Calls } from '../../client/client.ts'
import { isSetTag, tagOfSet } from '../../http/declared/sets.ts'
import { columnDefaults, scheduleColumns } from '../../http/resources/schedule.ts'
import { apiCommand } from '../connect/api-command.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import type { Schedule } from '../schedules/present.ts'
import { filterFlags, scheduleNames, toFilter } from '../schedules/selection.ts'
import { UsageError } from '../usage-error.ts'
import type { Fields } from './read-declared.ts'
import { type Declarations, toYaml } from './to-yaml.ts'

export const outputFlag = { value: '<file>', summary: 'write it there', completes: 'files' } as const

export const exportSchedules = apiCommand({
  summary: 'write schedules down as files for apply',
  description:
    'As YAML, by name, with what differs from a schedule that only has a task and a timetable. Without names or flags it is all of them.',
  arguments: scheduleNames,
  flags: {
    ...filterFlags,
    set: { value: '<name>', summary: 'those that apply created as part of this set' },
    output: outputFlag,
    json: { summary: 'JSON instead of YAML' },
  },
  examples: ['export > schedules.yaml', 'export --tag reports --output reports.yaml'],
  check: ({ given, values }) => {
    const hasFilter = values.set !== undefined || Object.keys(toFilter(values)).length > 0
    if (given.length > 0 && hasFilter) throw new UsageError('give names or flags that choose schedules, not both')
  },
  async run({ api, given, values }) {
    const { set, output, json, ...flags } = values
    const filter = toFilter(flags)
    const tags = [...(filter.tags ?? []), ...(set === undefined ? [] : [tagOfSet(set)])]
    const found = given.length > 0 ? await named(api, given) : await matching(api, { ...filter, tags })
    const declarations = { set, ...declarationsOf(found) }
    const text = json === true ? toJson(declarations) : toYaml(declarations)
    if (output === undefined) return print([text])
    writeFileSync(output, text)
    tell(`${found.length} ${found.length === 1 ? 'schedule' : 'schedules'} written to ${output}`)
  },
})

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

async function named(api: Calls, names: readonly string[]): Promise<Schedule[]> {
  const answers = [...new Set(names)].map((id) => api.call('GET /schedules/{id}', { params: { id } }))
  return (await Promise.all(answers)).map(({ data }) => data)
}

async function matching(api: Calls, filter: ReturnType<typeof toFilter>): Promise<Schedule[]> {
  const found: Schedule[] = []
  for await (const schedule of api.each('GET /schedules', { query: { ...filter, per_page: 200 } })) found.push(schedule)
  return found
}

function toJson({ set, defaults, schedules }: Declarations): string {
  const document = { ...(set !== undefined && { set }), defaults, schedules: schedules.map(({ fields }) => fields) }
  return `${JSON.stringify(document, null, 2)}\n`
}
