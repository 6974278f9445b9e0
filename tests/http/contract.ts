import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { endpoints } from '../../src/http/endpoints.ts'
import { openApiDocument } from '../../src/http/openapi.ts'

/** What the tests read of an operation in the OpenAPI document. */
export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly content: Record<string, { readonly schema: object; readonly example?: unknown }>
  }
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly required?: boolean
  readonly schema: object
}

// The document as a client reads it.
export const document = JSON.parse(JSON.stringify(openApiDocument(endpoints)))

export const operations: Operation[] = Object.entries<Record<string, Omit<Operation, 'method' | 'path'>>>(
  document.paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
)

const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }))
ajv.addSchema({ $id: 'document', ...document })
const validators = new Map<object, ValidateFunction>()

/** Reads a schema of the document, with the components that it refers to. */
export function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema)
  if (known !== undefined) return known
  const validator = ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')),
  )
  validators.set(schema, validator)
  return validator
}

/** The operation that a request is for. */
export function operationFor(method: string, pathname: string): Operation | undefined {
  const isMethod = (operation: Operation) => operation.method === (method === 'HEAD' ? 'GET' : method)
  return operations.find((operation) => isMethod(operation) && patternOf(operation.path).test(pathname))
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}

export interface Given {
  readonly status: number
  readonly type: string | null
  readonly body: unknown
}

/** What is wrong with an answer, by the document; null = nothing. */
export function offence(operation: Operation, { status, type, body }: Given): string | null {
  const documented = operation.responses[status]
  const about = `${operation.operationId} answered ${status}`
  if (documented === undefined) return `${about}, which is not documented: ${JSON.stringify(body)}`
  const mediaType = type?.split(';')[0] ?? ''
  const content = documented.content?.[mediaType]
  if (content === undefined) return `${about} with ${type}, which is not documented`
  if (!mediaType.endsWith('json')) return null
  const validate = validatorOf(content.schema)
  if (validate(body)) return null
  return `${about} with what the document does not describe: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(body).slice(0, 1_000)}`
}
