import type { Answer } from './send.ts'

export interface Kept {
  readonly status: number
  /** Where it came from, after redirects. */
  readonly url: string
  readonly redirects: number
  /** Those that were asked for, lower-case. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON where it is that and whole, text otherwise; null where it is neither. */
  readonly body: unknown
  /** Whether there was more of it. */
  readonly truncated: boolean
}

export interface KeepOptions {
  readonly names: readonly string[]
  readonly bytes: number
  /** What is never kept, even if the server repeats it. */
  readonly secrets: readonly string[]
}

/** Reads no more of an answer than is kept. */
export async function keep({ response, url, redirects }: Answer, options: KeepOptions): Promise<Kept> {
  const { statusCode: status, headers, body } = response
  const { bytes, truncated } = await readUpTo(body, options.bytes)
  const hide = (text: string) => options.secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  const text = textOf(bytes, truncated, headers['content-encoding'])
  const type = [headers['content-type']].flat()[0] ?? ''
  return {
    status,
    url: hide(url.href),
    redirects,
    headers: Object.fromEntries(
      options.names.flatMap((name) => {
        const value = headers[name.toLowerCase()]
        return value === undefined ? [] : [[name.toLowerCase(), hide([value].flat().join(', ')).toWellFormed()]]
      }),
    ),
    body: text === null ? null : parsed(hide(text), type, truncated),
    truncated,
  }
}

async function readUpTo(body: AsyncIterable<Uint8Array>, limit: number) {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit) break
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), truncated: size > limit }
}

/** Null for what is no text: a picture, or what is packed although nobody asked for that. */
function textOf(bytes: Buffer, truncated: boolean, encoding: string | string[] | undefined): string | null {
  if (encoding !== undefined && encoding !== 'identity') return null
  try {
    // A character that was cut through is not an error, but left out.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: truncated })
    // Postgres has no such character.
    return text.replaceAll('\0', '\ufffd')
  } catch {
    return null
  }
}

function parsed(text: string, type: string, truncated: boolean): unknown {
  const isJson = /^application\/(.+\+)?json\b/i.test(type)
  // Postgres keeps no text with these, which JSON may well have.
  if (!isJson || truncated || /\\u(0000|d[89a-f])/i.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
