/** An answer other than success. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Stable, such as `schedule_not_found`; docs/reference/http.md lists them. */
  readonly code: string
  /** What is wrong with which field. */
  readonly errors: readonly { readonly field: string; readonly message: string; readonly hint?: string }[]
  readonly requestId: string | undefined

  constructor(
    status: number,
    problem: Partial<Pick<ApiError, 'code' | 'errors'>> & { detail?: string; request_id?: string },
    options?: ErrorOptions,
  ) {
    super(problem.detail ?? `the server answered ${status}`, options)
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.errors = problem.errors ?? []
    this.requestId = problem.request_id
  }
}
