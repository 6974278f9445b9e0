import { writeFileSync } from 'node:fs'
import type { Calls } from '../../client/client.ts'
import { tagOfSet } from '../../http/declared/sets.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import type { Schedule } from '../schedules/present.ts'
import type { toFilter } from '../schedules/selection.ts'
import { declarationsOf } from './declarations.ts'
import { type Declarations, toYaml } from './to-yaml.ts'

type Filter = ReturnType<typeof toFilter>

export interface ExportOptions {
  /** Of schedules; without any it is those of the filter. */
  readonly names: readonly string[]
  readonly filter: Filter
  readonly set: string | undefined
  /** A file; left out, standard output. */
  readonly output: string | undefined
  readonly isJson: boolean
}

/** Writes schedules down as `apply` reads them. */
export async function exportTo(api: Calls, { names, filter, set, output, isJson }: ExportOptions): Promise<void> {
  const tags = [...(filter.tags ?? []), ...(set === undefined ? [] : [tagOfSet(set)])]
  const found = names.length > 0 ? await named(api, names) : await matching(api, { ...filter, tags })
  const declarations = { set, ...declarationsOf(found) }
  const text = isJson ? toJson(declarations) : toYaml(declarations)
  if (output === undefined) return print([text])
  writeFileSync(output, text)
  tell(`${found.length} ${found.length === 1 ? 'schedule' : 'schedules'} written to ${output}`)
}

async function named(api: Calls, names: readonly string[]): Promise<Schedule[]> {
  const answers = [...new Set(names)].map((id) => api.call('GET /schedules/{id}', { params: { id } }))
  return (await Promise.all(answers)).map(({ data }) => data)
}

async function matching(api: Calls, filter: Filter): Promise<Schedule[]> {
  const found: Schedule[] = []
  for await (const schedule of api.each('GET /schedules', { query: { ...filter, per_page: 200 } })) found.push(schedule)
  return found
}

function toJson({ set, defaults, schedules }: Declarations): string {
  const document = { ...(set !== undefined && { set }), defaults, schedules: schedules.map(({ fields }) => fields) }
  return `${JSON.stringify(document, null, 2)}\n`
}
