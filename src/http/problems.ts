interface ProblemKind {
  readonly status: number
  /** When it is the answer. */
  readonly when: string
}

/** Every answer other than success, by its stable code. */
export const problems = {
  malformed_request: { status: 400, when: "The request can't be read: no JSON, no UTF-8, or badly encoded" },
  unauthorized: { status: 401, when: 'There is no key, or it is unknown, revoked or expired' },
  forbidden: { status: 403, when: "The key's role may not do this" },
  foreign_host: { status: 403, when: 'Without keys the API answers on loopback names only' },
  foreign_origin: { status: 403, when: 'Without a key of their own pages of other origins may not use the API' },
  no_such_route: { status: 404, when: 'There is no such path' },
  schedule_not_found: { status: 404, when: 'No schedule has this id or name' },
  run_not_found: { status: 404, when: 'No run has this id' },
  backfill_not_found: { status: 404, when: 'No backfill has this id' },
  key_not_found: { status: 404, when: 'No key has this id or name' },
  node_not_found: { status: 404, when: 'No node has this id, or it is forgotten' },
  method_not_allowed: { status: 405, when: 'The path has no such method; `Allow` lists those it has' },
  name_taken: { status: 409, when: 'Another one has the name' },
  locked: { status: 409, when: 'Somebody else is changing this and has not finished' },
  run_over: { status: 409, when: 'The run is over already' },
  run_under_way: { status: 409, when: 'The run is under way still' },
  backfill_over: { status: 409, when: 'The backfill is over already' },
  last_admin_key: {
    status: 409,
    when: 'It is the last key with the role admin, and `force` was not asked for',
  },
  revision_mismatch: { status: 412, when: 'The schedule has another revision than the one that was asked for' },
  body_too_large: { status: 413, when: 'The body has more than 1 MB' },
  unsupported_media_type: { status: 415, when: 'The body is not application/json in UTF-8' },
  invalid_request: { status: 422, when: "The request has values that can't be used; `errors` names the fields" },
  invalid_schedule: { status: 422, when: 'The schedule would not be one that can fire' },
  invalid_backfill: { status: 422, when: 'The range is not one that can be run' },
  invalid_payload: { status: 422, when: "The payload does not fit the task's schema" },
  invalid_run: { status: 422, when: 'The run is not one that can be run again' },
  not_a_worker: { status: 422, when: 'Only workers drain' },
  no_live_worker: { status: 422, when: 'No live worker has the task, and `strict` was asked for' },
  too_many_schedules: { status: 422, when: 'More schedules match than one request may act on' },
  idempotency_key_reused: { status: 422, when: 'The `Idempotency-Key` was used for another request' },
  rate_limited: { status: 429, when: 'Too many requests; `Retry-After` says how many seconds to wait' },
  internal_error: {
    status: 500,
    when: "Something went wrong that is not the client's fault; the log has the request's id",
  },
  database_unavailable: { status: 503, when: 'Postgres does not answer, or not in time' },
  too_many_streams: { status: 503, when: 'As many clients follow the events as this process serves' },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems
