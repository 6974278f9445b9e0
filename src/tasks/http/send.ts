import type { Dispatcher } from 'undici'
import { PermanentError } from '../../errors.ts'
import type { AllowList } from './addresses.ts'
import { unreachable } from './failures.ts'
import { checkLiteral, guardedLookup, type Resolve } from './guard.ts'

export interface Message {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface SendOptions {
  readonly allowed: AllowList
  readonly resolve: Resolve
  readonly maxRedirects: number
  readonly signal: AbortSignal
}

export interface Answer {
  readonly response: Dispatcher.ResponseData
  /** Where it came from in the end. */
  readonly url: URL
  readonly redirects: number
}

/**
 * Sends a message and follows redirects; each is looked at as the first one. Connections are closed when `use` is over:
 * nobody gets one whose address was looked at under another allowance. Variables that name a proxy are not heeded, for a
 * proxy would look names up itself.
 * @throws PermanentError `address_refused`, `redirect_refused`
 * @throws TransientError `network`
 * @throws the signal's reason once the signal is aborted
 */
export async function send<Used>(
  message: Message,
  { allowed, resolve, maxRedirects, signal }: SendOptions,
  use: (answer: Answer) => Promise<Used>,
): Promise<Used> {
  signal.throwIfAborted()
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({
    connect: { lookup: guardedLookup(allowed, resolve) },
    allowH2: false,
    pipelining: 0,
    // The signal says when it is too late.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    let sent = message
    for (let redirects = 0; ; redirects += 1) {
      const { url, method, headers, body = null } = sent
      checkLiteral(url, allowed)
      const response = await request(url, {
        dispatcher,
        method: method as Dispatcher.HttpMethod,
        headers,
        body,
        signal,
      })
      // It fails too when the connection is closed under it.
      response.body.on('error', () => {})
      const next = redirects < maxRedirects ? redirected(sent, response) : undefined
      if (next === undefined) return await use({ response, url, redirects })
      response.body.destroy()
      sent = next
    }
  } catch (error) {
    signal.throwIfAborted()
    throw unreachable(error)
  } finally {
    await dispatcher.destroy()
  }
}

/** The message that a redirect asks for, as browsers understand it; undefined where there is none. */
function redirected(sent: Message, { statusCode, headers: answered }: Dispatcher.ResponseData): Message | undefined {
  const location = [answered.location].flat()[0]
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return undefined
  const url = URL.parse(location, sent.url)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new PermanentError('redirect_refused', 'the answer redirects to what is no plain http or https URL')
  }
  if (sent.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new PermanentError('redirect_refused', `the answer redirects from https to ${url.origin}`)
  }
  const { method, body } = sent
  const becomesGet = statusCode === 303 ? method !== 'HEAD' : statusCode < 303 && method === 'POST'
  if (url.origin === sent.url.origin) {
    return becomesGet ? { ...sent, url, method: 'GET', body: undefined } : { ...sent, url }
  }
  if (body !== undefined && !becomesGet) {
    const message = `the answer redirects a body to ${url.origin}: name that in the payload if it may have it`
    throw new PermanentError('redirect_refused', message)
  }
  // What is meant for the one is none of the other's business: keys, signatures, cookies, under whatever name.
  return { url, method: becomesGet ? 'GET' : method, headers: harmless(sent.headers), body: undefined }
}

function harmless(headers: Message['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(accept|accept-language|user-agent)$/i.test(name)),
  )
}
