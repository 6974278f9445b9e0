import { z } from 'zod'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** They say where a message ends and whom it is for, or are sent by the task itself. */
const ownHeaders =
  /^(host|content-length|transfer-encoding|connection|keep-alive|proxy-.*|te|trailer|upgrade|expect|accept-encoding)$/i

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,200}$/, 'is not a name that a header can have')

const sentHeaderName = headerName.refine(
  (name) => !ownHeaders.test(name),
  'is a header that only the task itself sends',
)

/** Names are not checked as keys, for zod would not say what is wrong with one. */
function headersWith<Value extends z.ZodType>(value: Value) {
  return z.record(z.string(), value).superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      const message = sentHeaderName.safeParse(name).error?.issues[0]?.message
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message })
    }
  })
}

const variableName = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable')

const statuses = z.array(
  z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, 'must be a status such as 204, or a range such as 200-299'),
)

/** What to send, and what to make of the answer. */
export const httpRequestPayload = z
  .object({
    url: z
      .string()
      .max(8_192)
      .superRefine(checkUrl)
      .describe(
        'Where to, http or https. Private and local addresses only if PGBEAT_HTTP_ALLOW of the worker has them.',
      ),
    method: z.enum(methods).default('GET').describe('GET and HEAD have no body.'),
    headers: headersWith(z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'has characters that a header can not have'))
      .default({})
      .describe('Headers by name. Anybody who may read runs can read them: keys belong into secret_headers.'),
    secret_headers: headersWith(variableName)
      .default({})
      .describe(
        'Headers of which the whole value is in a variable of the worker, by its name. PGBEAT_HTTP_SECRETS must have it ' +
          'with the host: API_TOKEN@api.example.com.',
      ),
    json: z.unknown().optional().describe('A body that is sent as JSON. null is a body, too.'),
    body: z.string().max(1_048_576).optional().describe('A body that is sent as it is; instead of json.'),
    timeout_seconds: z.number().positive().max(3_600).default(30).describe('For the whole answer, redirects included.'),
    success_statuses: statuses
      .min(1)
      .default(['200-299'])
      .describe('Statuses with which the run succeeds, such as 204 or 200-299.'),
    retry_statuses: statuses
      .default(['408', '429', '500-599'])
      .describe('Statuses after which it is tried again, after Retry-After if there is one. All others fail the run.'),
    max_redirects: z.int().min(0).max(10).default(3).describe('How many redirects are followed; each is checked anew.'),
    signature: z
      .object({
        secret: variableName.describe('The variable of the worker that has the key. PGBEAT_HTTP_SECRETS must have it.'),
        scheme: z
          .enum(['standard-webhooks', 'timestamped'])
          .default('standard-webhooks')
          .describe(
            'standard-webhooks: the headers webhook-id, webhook-timestamp and webhook-signature. ' +
              'timestamped: t=<seconds>,v1=<hex of "<seconds>.<body>"> in a header, as Stripe does.',
          ),
        header: sentHeaderName.default('X-Pgbeat-Signature').describe('For timestamped.'),
      })
      .optional()
      .describe('Signs the time and the body with HMAC-SHA-256, so that the receiver knows who sent it.'),
    keep_headers: z
      .array(headerName.refine((name) => !/^set-cookie2?$/i.test(name), 'can be a key, and is never kept'))
      .max(50)
      .default(['content-type'])
      .describe("Headers of the answer that are kept in the run's result."),
    keep_bytes: z
      .int()
      .min(0)
      .max(1_048_576)
      .default(65_536)
      .describe("How much of the answer's body is kept in the run's result."),
  })
  .superRefine(({ method, body, json }, context) => {
    if (body !== undefined && json !== undefined) {
      context.addIssue({ code: 'custom', path: ['body'], message: 'can not be sent together with json' })
    }
    if ((body !== undefined || json !== undefined) && (method === 'GET' || method === 'HEAD')) {
      context.addIssue({ code: 'custom', path: ['method'], message: `must not be ${method} for a request with a body` })
    }
  })

export type HttpRequestPayload = z.output<typeof httpRequestPayload>

function checkUrl(text: string, context: z.RefinementCtx): void {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    context.addIssue({ code: 'custom', message: 'must be an http or https URL' })
  } else if (url.username !== '' || url.password !== '') {
    context.addIssue({ code: 'custom', message: 'must not have a user or password: use secret_headers' })
  }
}
