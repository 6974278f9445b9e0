import { isUtf8 } from 'node:buffer'
import express, { type RequestHandler } from 'express'
import { Problem } from '../problem.ts'

const largest = '1mb'

/** A body of another type would count as none, and be misunderstood. */
const refuseOtherMediaTypes: RequestHandler = (request, _response, next) => {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  const hasBody = encoding !== undefined || Number(length ?? 0) > 0
  if (hasBody && !request.is('json')) {
    const message = 'send the body as application/json'
    throw new Problem('unsupported_media_type', message, { errors: [{ field: 'content-type', message }] })
  }
  next()
}

const json = express.json({
  limit: largest,
  strict: false,
  verify: (_request, _response, buffer, charset) => {
    if (charset !== 'utf-8') throw new Problem('unsupported_media_type', 'JSON is in UTF-8')
    if (!isUtf8(buffer)) throw new Problem('malformed_request', 'the body is not UTF-8')
  },
})

/** Reads a JSON body of up to 1 MB. */
export const readBody: RequestHandler[] = [refuseOtherMediaTypes, json]
