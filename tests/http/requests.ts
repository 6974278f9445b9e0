// Requests to an operation, made from its part of the OpenAPI document: some that fit it, and some that don't.

import fc from 'fast-check'
import { document, type Operation, type Parameter } from './contract.ts'

export interface GeneratedRequest {
  readonly operation: Operation
  /** With the query. */
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: unknown
}

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
}

/** Values that mean something here. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
  id: ['first', 'second', '1', '2', '3', 'nobody'],
  ids: [['first'], ['first', 'second', 'nobody']],
  name: ['first', 'third', 'ünïcode ☃', ' blank '],
  task_name: ['echo', 'echo', 'echo', 'echo', 'fetch_listed_info_task', 'nothing'],
  cron_expression: ['* * * * *', '0 9 * * 1-5', '*/10 * * * * *', '@daily', '0 0 L * *', '0 0 31 2 *', '61 * * * *'],
  timezone: ['UTC', 'Asia/Tokyo', 'America/New_York', 'Mars/Phobos', 'FOO+3'],
  every: ['PT1M', 'P1D', 60, 0.5, 'P1M', 'PT0S'],
  retry_delay: ['PT1M', 30, 0.5, 'P1D', 'P2D', 'P1M', 'PT0S'],
  sort: ['name', '-id'],
  cursor: ['x', 'eyJzb3J0IjoibmFtZSJ9', 'W10', 'bnVsbA'],
  'If-Match': ['"1"', '*', '3', 'W/"2"', '"one"', ''],
  'Idempotency-Key': ['a', 'b', 'c', 'd'],
  'Last-Event-ID': ['x', '1', 'eyJ4IjoxfQ'],
}

const nasty = fc.constantFrom<unknown>(
  "'; drop table pgbeat.schedules; --",
  "' or 1=1 --",
  '\\',
  '%',
  '\0',
  '\ud800',
  '💥',
  '__proto__',
  'x'.repeat(5_000),
  '',
  ' ',
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  [],
  {},
  [[[[]]]],
  { $ref: '#/' },
  ['a', 1, null],
)

export function requestsTo(operation: Operation): fc.Arbitrary<GeneratedRequest> {
  const { parameters = [], requestBody } = operation
  const body = requestBody?.content['application/json']
  return fc
    .record({
      parameters: fc.tuple(...parameters.map(parameterValue)),
      surprise: sometimes(fc.string(), 30),
      body: body === undefined ? fc.constant(undefined) : bodies(body, requestBody?.required ?? false),
    })
    .map(({ parameters: values, surprise, body: given }) => {
      const query = new URLSearchParams()
      const headers: Record<string, string> = {}
      let path = operation.path
      for (const [index, { in: place, name }] of parameters.entries()) {
        const value = values[index]
        if (value === undefined) continue
        if (place === 'path') path = path.replace(`{${name}}`, encoded(value))
        if (place === 'header') headers[name] = toHeader(value)
        if (place === 'query') for (const one of [value].flat()) query.append(name, toText(one))
      }
      if (typeof surprise === 'string') query.append(surprise, surprise)
      return { operation, path: query.size === 0 ? path : `${path}?${query}`, headers, body: given }
    })
}

function parameterValue({ name, schema, required }: Parameter): fc.Arbitrary<unknown> {
  const value = fc.oneof({ arbitrary: named(name, schema), weight: 6 }, { arbitrary: nasty, weight: 1 })
  return required ? value : sometimes(value, 4)
}

function bodies({ schema, example }: { schema: object; example?: unknown }, isRequired: boolean) {
  const fitting = valuesOf(schema)
  const options = [
    { arbitrary: fitting, weight: 6 },
    {
      arbitrary: fc
        .tuple(fitting, fc.string(), nasty)
        .map(([value, key, other]: [unknown, string, unknown]) => replaced(value, key, other)),
      weight: 3,
    },
    { arbitrary: fc.constant(example), weight: 1 },
    { arbitrary: fc.oneof(fc.jsonValue(), nasty), weight: 1 },
  ]
  if (!isRequired) options.push({ arbitrary: fc.constant(undefined), weight: 1 })
  return fc.oneof(...options)
}

/** A value with another one at a random place, or where there was none. */
function replaced(value: unknown, key: string, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return other
  const keys = Object.keys(value)
  const place = keys[key.length % (keys.length + 1)] ?? key
  return { ...value, [place]: other }
}

function named(name: string, schema: Schema): fc.Arbitrary<unknown> {
  const known = samples[name]
  if (known === undefined) return valuesOf(schema)
  return fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 6 }, { arbitrary: valuesOf(schema), weight: 1 })
}

function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''])
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valuesOf))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: Math.min(schema.maximum ?? 2 ** 31, 2 ** 31 - 1) })
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true })
    case 'string':
      return texts(schema)
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 4 })
    case 'object':
      return objects(schema)
    default:
      return fc.jsonValue()
  }
}

function texts({ format, pattern, minLength = 0, maxLength = 50 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const instants = fc.date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    return instants.map((instant) => instant.toISOString())
  }
  if (pattern?.startsWith('^P(') === true) return fc.constantFrom('PT1S', 'PT1M30S', 'P1D', 'P2W', 'PT0.5S', 'P1Y')
  return fc.string({ minLength, maxLength: Math.min(maxLength, 50), unit: 'grapheme' })
}

function objects({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<object> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, rarely(name, schema, required)])),
  )
  const present = known.map((value) => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)))
  if (additionalProperties === false) return present
  return fc
    .tuple(present, fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }))
    .map(([one, other]) => ({ ...other, ...one }))
}

/** One of three timetables as a rule, and what is optional now and then, so that most of it fits together. */
function rarely(name: string, schema: Schema, required: readonly string[]): fc.Arbitrary<unknown> {
  const value = named(name, schema)
  if (required.includes(name)) return value
  return name === 'cron_expression' ? fc.oneof(value, value, fc.constant(undefined)) : sometimes(value, 15)
}

/** undefined but for one time in so many. */
function sometimes(value: fc.Arbitrary<unknown>, oneIn: number): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: value, weight: 1 }, { arbitrary: fc.constant(undefined), weight: oneIn })
}

function encoded(value: unknown): string {
  return encodeURIComponent(toText(value).toWellFormed()) || '%20'
}

function toHeader(value: unknown): string {
  return toText(value).replaceAll(/[^\x20-\x7e]/g, '?')
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
