import { defineTask, type Task, type TaskContext } from '../../task.ts'
import { keep } from './answer.ts'
import { failureOf, isAmong, TransientError } from './failures.ts'
import { type Resolve, resolveBySystem } from './guard.ts'
import { type HttpRequestPayload, httpRequestPayload } from './payload.ts'
import { send } from './send.ts'
import { type HttpSettings, readHttpSettings, settingsCheck } from './settings.ts'
import { sign } from './signature.ts'

export interface HttpRequestOptions {
  /** Read at each run. Default: the process's. */
  readonly environment?: () => Readonly<Record<string, string | undefined>>
  /** How names become addresses. Default: the system's way. */
  readonly resolve?: Resolve
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** The task with its surroundings chosen; tests give it names of their own. */
export function createHttpRequest(options: HttpRequestOptions = {}): Task<HttpRequestPayload> {
  const { environment = () => process.env, resolve = resolveBySystem, now = Date.now } = options
  return defineTask({
    name: 'http_request',
    description: 'Sends an HTTP request and keeps the answer',
    payload: httpRequestPayload,
    checks: [settingsCheck],
    run: (context) => httpRequest(context, { settings: readHttpSettings(environment()), resolve, now }),
  })
}

/** `http_request`, as a worker registers it. */
export const httpRequestTask = createHttpRequest()

interface Surroundings {
  readonly settings: HttpSettings
  readonly resolve: Resolve
  readonly now: () => number
}

/** How much of an answer that is no success is told. */
const saidLength = 300

async function httpRequest(context: TaskContext<HttpRequestPayload>, { settings, resolve, now }: Surroundings) {
  const { payload, log, signal } = context
  const url = new URL(payload.url)
  const secrets = Object.entries(payload.secret_headers).map(
    ([header, name]) => [header, settings.secretFor(name, url.hostname)] as const,
  )
  const body = payload.json === undefined ? payload.body : JSON.stringify(payload.json)
  const headers = headersOf(context, body, Object.fromEntries(secrets), settings, now())
  const timeout = AbortSignal.timeout(payload.timeout_seconds * 1_000)
  const startedAt = performance.now()
  const { kept, retryAfter } = await send(
    { url, method: payload.method, headers, body },
    {
      allowed: settings.allowed,
      resolve,
      maxRedirects: payload.max_redirects,
      signal: AbortSignal.any([signal, timeout]),
    },
    async (answer) => {
      const limits = {
        names: payload.keep_headers,
        bytes: payload.keep_bytes,
        secrets: secrets.map(([, value]) => value),
      }
      return { kept: await keep(answer, limits), retryAfter: [answer.response.headers['retry-after']].flat()[0] }
    },
  ).catch((error: unknown) => {
    signal.throwIfAborted()
    if (!timeout.aborted) throw error
    throw new TransientError('timeout', `no whole answer within ${payload.timeout_seconds} s`)
  })
  const durationMs = Math.round(performance.now() - startedAt)
  log.info('answered', { method: payload.method, host: url.host, status: kept.status, duration_ms: durationMs })
  if (isAmong(kept.status, payload.success_statuses)) return { ...kept, duration_ms: durationMs }
  const said = typeof kept.body === 'string' ? kept.body : kept.body === null ? '' : JSON.stringify(kept.body)
  const refusal = { status: kept.status, retryAfter, said: said.replace(/\s+/g, ' ').trim().slice(0, saidLength) }
  throw failureOf(refusal, payload.retry_statuses, now())
}

/** Later ones win; names count whatever their case. */
function headersOf(
  { payload, run }: TaskContext<HttpRequestPayload>,
  body: string | undefined,
  secrets: Readonly<Record<string, string>>,
  settings: HttpSettings,
  now: number,
): Record<string, string> {
  // A run's id is this database's; schedules have theirs anywhere.
  const id = `${run.scheduleId}-${run.id}`
  const { signature } = payload
  const given = [
    { 'User-Agent': 'pgbeat', Accept: '*/*', 'Idempotency-Key': id },
    ...(payload.json === undefined ? [] : [{ 'Content-Type': 'application/json' }]),
    ...(payload.body === undefined ? [] : [{ 'Content-Type': 'text/plain; charset=utf-8' }]),
    payload.headers,
    secrets,
    { 'Accept-Encoding': 'identity', 'X-Pgbeat-Run': run.id, 'X-Pgbeat-Attempt': run.attempt.toString() },
    signature === undefined
      ? {}
      : sign(signature, { id, body: body ?? '', now, key: settings.signingKey(signature.secret) }),
  ]
  const headers = new Map<string, readonly [string, string]>()
  for (const [name, value] of given.flatMap(Object.entries<string>)) headers.set(name.toLowerCase(), [name, value])
  return Object.fromEntries(headers.values())
}
