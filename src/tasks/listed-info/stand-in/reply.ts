import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const compress = promisify(gzip)

export function jsonReply(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(value) }
}

/** An error in the shape that J-Quants mostly uses. */
export function errorReply(status: number, message: string): Reply {
  return jsonReply(status, { message })
}

export async function send(response: ServerResponse, reply: Reply, acceptsGzip: boolean): Promise<void> {
  const text = Buffer.from(reply.body)
  const body = acceptsGzip ? await compress(text, { level: 1 }) : text
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': body.length,
    ...(acceptsGzip && { 'content-encoding': 'gzip' }),
  })
  response.end(body)
}

/** Sends headers and half of the body, and then nothing more. */
export function sendHalf(response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body)
  response.writeHead(reply.status, { 'content-type': reply.contentType, 'content-length': body.length })
  response.write(body.subarray(0, body.length / 2))
}
