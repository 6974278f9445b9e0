import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml'
import { durationColumns } from '../../http/declared/fields.ts'
import { scheduleColumns } from '../../http/resources/schedule.ts'
import { readDuration } from '../read-values.ts'
import { didYouMean } from '../suggest.ts'
import type { Source } from './read-sources.ts'

export type Path = readonly (string | number)[]
export type Fields = Readonly<Record<string, unknown>>

/** A schedule as a file declares it. */
export interface Entry {
  readonly fields: Fields
  /** `file:line:column` of one of its fields, or of what is nearest to it. */
  where(path: Path): string
}

export interface Declaration {
  readonly sets: readonly string[]
  readonly entries: readonly Entry[]
  /** What can't be read, each with where it is. */
  readonly complaints: readonly string[]
}

const topLevel = ['set', 'defaults', 'schedules']
const columns = Object.keys(scheduleColumns)

/** Reads what files declare; whatever is wrong with them is told, not only the first of it. */
export function readDeclared(sources: readonly Source[]): Declaration {
  const read = sources.flatMap((source) => {
    const lines = new LineCounter()
    const documents = parseAllDocuments(source.text, { lineCounter: lines, merge: true, prettyErrors: false })
    const place = (offset: number) => {
      const { line, col } = lines.linePos(offset)
      return `${source.name}:${line}:${col}`
    }
    if (!Array.isArray(documents) || documents.length === 0) return [nothing(`${source.name}: it is empty`)]
    return documents.map((document) => readDocument(document, place))
  })
  return {
    sets: [...new Set(read.flatMap(({ sets }) => sets))],
    entries: read.flatMap(({ entries }) => entries),
    complaints: read.flatMap(({ complaints }) => complaints),
  }
}

type Place = (offset: number) => string

function nothing(...complaints: string[]): Declaration {
  return { sets: [], entries: [], complaints }
}

function readDocument(document: Document, place: Place): Declaration {
  if (document.errors.length > 0) {
    return nothing(...document.errors.map(({ pos: [at], message }) => `${place(at)}: ${message}`))
  }
  const at = (node: unknown) => place(startOf(node) ?? 0)
  const top = document.contents
  if (!isMap(top)) return nothing(`${at(top)}: it must have schedules:, a list`)
  const complaints = unknownKeys(top, topLevel, place)
  const set = top.get('set', true)
  const name = set === undefined ? null : toValue(set, document)
  if (name !== null && typeof name !== 'string') complaints.push(`${at(set)}: set: must be a name`)
  const defaults = resolved(top.get('defaults', true), document)
  if (isMap(defaults)) {
    complaints.push(...unknownKeys(defaults, columns, place))
    if (defaults.has('name')) complaints.push(`${at(defaults)}: defaults: each schedule has a name of its own`)
  } else if (defaults !== undefined && toValue(defaults, document) !== null) {
    complaints.push(`${at(defaults)}: defaults: must be fields of schedules`)
  }
  const list = resolved(top.get('schedules', true), document)
  if (!isSeq(list)) return nothing(...complaints, `${at(list ?? top)}: schedules: must be a list; [] is an empty one`)
  const entries = list.items.flatMap((item) => {
    const node = resolved(item, document)
    if (isMap(node)) {
      complaints.push(...unknownKeys(node, columns, place))
      return [toEntry(node, isMap(defaults) ? defaults : null, document, place)]
    }
    complaints.push(`${at(item)}: a schedule is fields and their values`)
    return []
  })
  return { sets: typeof name === 'string' ? [name] : [], entries, complaints }
}

function toEntry(node: YAMLMap, defaults: YAMLMap | null, document: Document, place: Place): Entry {
  const own = toValue(node, document) as Fields
  const fields: Fields = { ...(defaults === null ? {} : (toValue(defaults, document) as Fields)), ...own }
  return {
    fields: asSent(fields),
    where: (path) => {
      const isDefault = path[0] !== undefined && !(path[0] in own)
      const found = isDefault && defaults !== null ? nearest(defaults, path) : undefined
      return place(found ?? nearest(node, path) ?? startOf(node) ?? 0)
    },
  }
}

/** null takes a default away; of the columns only a payload can be null itself. Durations may be written as `1h30m`. */
function asSent(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => value !== null || name === 'payload')
      .map(([name, value]) => [name, isDuration(name) && typeof value === 'string' ? readDuration(value) : value]),
  )
}

function isDuration(name: string): boolean {
  return (durationColumns as readonly string[]).includes(name)
}

function unknownKeys(map: YAMLMap, known: readonly string[], place: Place): string[] {
  return map.items.flatMap(({ key }) => {
    const name: unknown = isNode(key) ? key.toJSON() : key
    // `<<` is none by itself.
    if (typeof name === 'symbol' || known.includes(String(name))) return []
    return [`${place(startOf(key) ?? 0)}: ${name}: there is no such field${didYouMean(String(name), known)}`]
  })
}

/** Where the value begins that a path leads to, or the last one on the way that there is. */
function nearest(map: YAMLMap, path: Path): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const start = startOf(map.getIn(path.slice(0, length), true))
    if (start !== undefined) return start
  }
  return undefined
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

function resolved(node: unknown, document: Document): Node | undefined {
  if (!isNode(node)) return undefined
  return isAlias(node) ? node.resolve(document) : node
}

function toValue(node: unknown, document: Document): unknown {
  return isNode(node) ? node.toJS(document, { maxAliasCount: 1_000 }) : node
}
