import { document, type Operation, operations, type Parameter } from '../http/contract.ts'
import { markdownTable } from './markdown-table.ts'

interface Documented extends Operation {
  readonly summary: string
  readonly description?: string
  readonly tags: readonly [string]
  readonly 'x-role'?: string
}

/** docs/reference/http.md, made from the OpenAPI document. */
export function httpReference(): string {
  const all = operations as Documented[]
  const tags: string[] = document.tags.map(({ name }: { name: string }) => name)
  return [
    `# HTTP API

Made from the OpenAPI document by \`npm run reference\`; not to be edited. The running API has the document at
\`/openapi.json\`, and at \`/docs\` to read and try. A typed client comes with the package: \`pgbeat/client\`.

- Answers are \`{"data": …, "meta": …}\`. \`{id}\` of a schedule is its id or its name. Instants are ISO 8601, durations ISO 8601
  or seconds.
- Lists have pages: follow \`meta.next_cursor\` with \`?cursor=\`, or count with \`?page=\` up to 10,000 entries.
- Where there are keys, each request has one: \`Authorization: Bearer <key>\`. The role is the least that a key needs:
  viewers see, operators also run what there is, admins also change what there is.
- \`If-Match\` with the revision (\`ETag\`) makes an edit fail with 412 when somebody else was faster.
- \`Idempotency-Key\` has a write done once however often it is sent within a day; a repeated answer has
  \`Idempotency-Replayed: true\`.
- Anything but success is problem details with a stable \`code\`: [errors.md](errors.md) lists them.
- Every answer has an \`X-Request-Id\`, the one that was sent or a new one; the log lines of the request have it too.
`,
    '## Endpoints',
    ...tags.flatMap((tag) => [`### ${tag}`, tableOf(all.filter((operation) => operation.tags[0] === tag))]),
    '## Parameters and bodies',
    ...all.filter(takesSomething).map(sectionOf),
  ]
    .join('\n\n')
    .concat('\n')
}

function tableOf(ofTag: readonly Documented[]): string {
  return markdownTable(
    ['', 'role', 'what it does', 'answers'],
    ofTag.map((operation) => [
      `\`${operation.method} ${operation.path}\``,
      operation['x-role'] ?? 'anybody',
      [operation.summary, operation.description]
        .filter((text) => text !== undefined)
        .join('. ')
        .replace('..', '.'),
      Object.keys(operation.responses).join(' '),
    ]),
  )
}

function takesSomething({ parameters = [], requestBody }: Documented): boolean {
  return parameters.some(isOwn) || requestBody !== undefined
}

/** What every operation of its kind has is told once. */
function isOwn({ in: place, name }: Parameter): boolean {
  return place !== 'path' && name !== 'If-Match' && name !== 'Idempotency-Key'
}

function sectionOf({ method, path, parameters = [], requestBody }: Documented): string {
  const body = requestBody?.content['application/json']
  const rows = parameters
    .filter(isOwn)
    .map(({ in: place, name, schema }) => [`\`${name}\``, place, typeOf(schema), wordsOn(schema)])
  const { properties = {}, required = [] } = resolve(body?.schema ?? {})
  for (const [name, schema] of Object.entries(properties)) {
    if (resolve(schema).readOnly === true) continue
    const isRequired = required.includes(name) ? ' (required)' : ''
    rows.push([`\`${name}\``, `body${isRequired}`, typeOf(schema), wordsOn(schema)])
  }
  const example = body?.example === undefined ? '' : `\n\n\`\`\`json\n${JSON.stringify(body.example)}\n\`\`\``
  return `### ${method} ${path}\n\n${markdownTable(['name', 'in', 'type', ''], rows)}${example}`
}

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly description?: string
  readonly readOnly?: boolean
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
}

function resolve(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
}

function typeOf(given: Schema): string {
  const schema = resolve(given)
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(', ')
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  const bounds = [schema.minimum, schema.maximum].filter(
    (bound) => bound !== undefined && Math.abs(bound) < 2 ** 31 - 1,
  )
  const range = bounds.length === 2 ? ` ${bounds[0]} to ${bounds[1]}` : ''
  return `${schema.format ?? schema.type ?? 'any JSON'}${range}`
}

function wordsOn(given: Schema): string {
  const { description = '', default: usual } = resolve(given)
  const words = [description, usual === undefined ? '' : `default \`${JSON.stringify(usual)}\``]
  return words.filter((part) => part !== '').join('; ')
}
