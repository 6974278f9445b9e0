import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi'
import { ownPackage } from '../own-package.ts'
import { type Endpoint, isRepeatable } from './endpoint.ts'
import { type ProblemCode, problems } from './problems.ts'

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]]

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes).describe('Stable; the texts are for people'),
    detail: z.string(),
    request_id: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string(), hint: z.string().optional() }))
      .optional()
      .describe('What is wrong with which field'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' })

/** The OpenAPI 3.1 document of some endpoints, made from what validates their requests. */
export function openApiDocument(endpoints: readonly Endpoint[]): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operationOf(endpoint) }
  }
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'pgbeat',
        version: ownPackage.version,
        description: 'Schedules are rows; every fire leaves a row that says what became of it.',
        license: { name: ownPackage.license, identifier: ownPackage.license },
      },
      servers: [{ url: '/' }],
      security: [{ key: [] }],
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key from `pgbeat keys create`; on loopback without keys none is needed',
          },
        },
      },
      tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
      paths,
    },
    { override: datesAsText },
  )
}

/** JSON has no dates. */
function datesAsText({ jsonSchema, zodSchema }: { jsonSchema: object; zodSchema: z.core.$ZodType }): void {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
}

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { id, path, tag, summary, description, role, body, example } = endpoint
  const parameters = pathParameters(path)
  const headers = requestHeaders(endpoint)
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(role === null ? { security: [] } : { 'x-role': role }),
    requestParams: {
      ...(parameters !== null && { path: parameters }),
      ...(endpoint.query !== undefined && { query: endpoint.query as z.ZodObject }),
      ...(headers !== null && { header: headers }),
    },
    ...(body !== undefined && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { 'application/json': { schema: body, ...(example !== undefined && { example }) } },
      },
    }),
    responses: responsesOf(endpoint),
  }
}

function pathParameters(path: string): z.ZodObject | null {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  if (names.length === 0) return null
  return z.object(Object.fromEntries(names.map((name) => [name, idIn(path)])))
}

function idIn(path: string): z.ZodString {
  if (path.startsWith('/api/v1/schedules/')) return z.string().describe('Id or name of a schedule')
  if (path.startsWith('/api/v1/keys/')) return z.string().describe('Id or name of a key')
  if (path.startsWith('/api/v1/nodes/')) return z.string()
  return z.string().regex(/^[1-9]\d{0,17}$/)
}

function requestHeaders(endpoint: Endpoint): z.ZodObject | null {
  const headers = {
    ...(endpoint.isConditional === true && {
      'If-Match': z.string().optional().meta({ description: 'Only if the schedule has this revision', example: '"3"' }),
    }),
    ...(isRepeatable(endpoint) && {
      'Idempotency-Key': z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/)
        .optional()
        .describe('Does it once, however often it is sent with this key within a day'),
    }),
    ...endpoint.requestHeaders,
  }
  return Object.keys(headers).length === 0 ? null : z.object(headers)
}

const successes = { 200: 'Done', 201: 'Created', 202: 'Accepted' }

function responsesOf(endpoint: Endpoint): ZodOpenApiResponsesObject {
  const { status, content, mediaType = 'application/json', headers = {}, others = {} } = endpoint
  const responses: ZodOpenApiResponsesObject = {
    [`${status}`]: {
      description: successes[status],
      content: { [mediaType]: { schema: content } },
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [
          name,
          { description: text, schema: { type: 'string' as const } },
        ]),
      ),
    },
  }
  for (const [other, { when, content: schema }] of Object.entries(others)) {
    responses[other as '200'] = { description: when, content: { [mediaType]: { schema } } }
  }
  for (const [problemStatus, kinds] of Map.groupBy(problemsOf(endpoint), (code) => problems[code].status)) {
    responses[`${problemStatus}` as '400'] = {
      description: kinds.map((code) => `\`${code}\`: ${problems[code].when}`).join('\n\n'),
      content: { 'application/problem+json': { schema: problemSchema } },
      ...(problemStatus === 429 && {
        headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' as const } } },
      }),
    }
  }
  return responses
}

/** What an endpoint may answer other than success. */
function problemsOf(endpoint: Endpoint): ProblemCode[] {
  const { role, asksWho = false, body, problems: own = [] } = endpoint
  const found: ProblemCode[] = ['malformed_request', 'invalid_request', ...own]
  if (role !== null) found.push('unauthorized', 'foreign_host', 'foreign_origin')
  if (role !== null || asksWho) found.push('rate_limited', 'database_unavailable')
  if (role !== null && role !== 'viewer') found.push('forbidden')
  if (body !== undefined) found.push('body_too_large', 'unsupported_media_type')
  if (endpoint.isConditional === true) found.push('revision_mismatch')
  if (isRepeatable(endpoint)) found.push('locked', 'idempotency_key_reused')
  return [...new Set(found)].sort((one, other) => problems[one].status - problems[other].status)
}
