import { isDeepStrictEqual } from 'node:util'
import { type Style, styled } from '../output/style.ts'
import { plain } from '../output/text-width.ts'
import type { Applied } from './ask.ts'

type Step = Applied['data']['schedules'][number]

const marks: Readonly<Record<Step['action'], readonly [mark: string, style: Style]>> = {
  created: ['+', 'green'],
  changed: ['~', 'yellow'],
  deleted: ['-', 'red'],
  unchanged: ['=', 'gray'],
}

/** What differs, for people. */
export function* difference({ schedules }: Applied['data']): Generator<string, void> {
  for (const { name, action, changes } of schedules) {
    if (action === 'unchanged') continue
    const [mark, style] = marks[action]
    yield `${styled(style, `${mark} ${plain(name)}`)}\n`
    for (const [field, { from, to }] of Object.entries(changes)) {
      for (const line of action === 'created' ? [`${field}: ${shown(to)}`] : fieldLines(field, from, to)) {
        yield `    ${plain(line)}\n`
      }
    }
  }
}

/** `2 created, 1 changed, 7 unchanged`. */
export function summary({ created, changed, deleted, unchanged, dry_run }: Applied['data']): string {
  const [create, change, remove] = dry_run ? ['to create', 'to change', 'to delete'] : ['created', 'changed', 'deleted']
  const counts = [[created, create] as const, [changed, change] as const, [deleted, remove] as const]
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return [...told, `${unchanged} unchanged`].join(', ')
}

/** How many are other than they were, or would be. */
export function differing({ created, changed, deleted }: Applied['data']): number {
  return created + changed + deleted
}

/** Of objects only what differs within. */
function fieldLines(field: string, from: unknown, to: unknown): string[] {
  if (isDeepStrictEqual(from, to)) return []
  if (!isObject(from) || !isObject(to)) return [`${field}: ${shown(from)} → ${shown(to)}`]
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].flatMap((key) => fieldLines(`${field}.${key}`, from[key], to[key]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
