import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import type { Problem } from './problem.ts'
import { requestIdOf } from './requests/request-id.ts'
import { toProblem } from './to-problem.ts'

/** The last handler: every error ends as problem details, and only what is our fault is logged as one. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const problem = toProblem(error)
    if (problem.status >= 500) {
      const about = { err: error, request_id: requestIdOf(request), method: request.method, url: request.originalUrl }
      log.error(about, 'request failed')
    }
    sendProblem(response, problem, requestIdOf(request))
  }
}

function sendProblem(response: Response, problem: Problem, requestId: string): void {
  const { status, code, message, errors, headers } = problem
  response
    .status(status)
    .set(headers)
    .type('application/problem+json')
    .end(
      JSON.stringify({
        type: `urn:pgbeat:problem:${code}`,
        title: code.replaceAll('_', ' '),
        status,
        code,
        detail: message,
        request_id: requestId,
        ...(errors.length > 0 && { errors }),
      }),
    )
}
