interface ProblemKind {
  readonly status: number
  /** When it is the answer. */
  readonly when: string
  /** What its reader can do about it, for docs/reference/errors.md. */
  readonly action: string
}

/** Every answer other than success, by its stable code. */
export const problems = {
  malformed_request: {
    status: 400,
    when: "The request can't be read: no JSON, no UTF-8, or badly encoded",
    action: 'Send JSON in UTF-8, and encode what stands in the path and the query',
  },
  unauthorized: {
    status: 401,
    when: 'There is no key, or it is unknown, revoked or expired',
    action: 'Send `Authorization: Bearer <key>`; `bin/pgbeat keys create` makes one',
  },
  forbidden: {
    status: 403,
    when: "The key's role may not do this",
    action: 'Use a key with the role that the endpoint asks for',
  },
  foreign_host: {
    status: 403,
    when: 'Without keys the API answers on loopback names only',
    action: 'Use 127.0.0.1 or localhost, or make a key',
  },
  foreign_origin: {
    status: 403,
    when: 'Without a key of their own pages of other origins may not use the API',
    action: "Call the API from a page that it serves itself, or with a key of the page's own",
  },
  no_such_route: {
    status: 404,
    when: 'There is no such path',
    action: 'See the list of endpoints; paths begin with /api/v1',
  },
  schedule_not_found: {
    status: 404,
    when: 'No schedule has this id or name',
    action: 'Give the id or the name of one that there is; a name is case-sensitive and URL-encoded',
  },
  run_not_found: {
    status: 404,
    when: 'No run has this id',
    action: 'See the list of runs; those older than PGBEAT_RETENTION_DAYS are forgotten',
  },
  backfill_not_found: {
    status: 404,
    when: 'No backfill has this id',
    action: 'See the list of backfills; a dry run over HTTP leaves none',
  },
  key_not_found: { status: 404, when: 'No key has this id or name', action: 'See `bin/pgbeat keys list`' },
  node_not_found: {
    status: 404,
    when: 'No node has this id, or it is forgotten',
    action: 'See the list of nodes: a process that is started anew has another id',
  },
  method_not_allowed: {
    status: 405,
    when: 'The path has no such method; `Allow` lists those it has',
    action: 'Use one of the methods in `Allow`',
  },
  name_taken: {
    status: 409,
    when: 'Another one has the name',
    action: 'Choose another name, or change the one that has it',
  },
  locked: {
    status: 409,
    when: 'Somebody else is changing this and has not finished',
    action: 'Try again; if it stays, a transaction was left open: see pg_stat_activity',
  },
  run_over: { status: 409, when: 'The run is over already', action: 'Nothing; to run it again, retry it' },
  run_under_way: { status: 409, when: 'The run is under way still', action: 'Wait for its end, or cancel it first' },
  backfill_over: {
    status: 409,
    when: 'The backfill is over already',
    action: 'Nothing; to run the range again, ask for a new one',
  },
  last_admin_key: {
    status: 409,
    when: 'It is the last key with the role admin, and `force` was not asked for',
    action: 'Make another key with that role first, or ask for `force`',
  },
  revision_mismatch: {
    status: 412,
    when: 'The schedule has another revision than the one that was asked for',
    action: 'Read the schedule again, apply the change to what it is now, and send the new revision',
  },
  body_too_large: {
    status: 413,
    when: 'The body has more than 1 MB',
    action: 'Send less; for a bulk action, give a filter instead of ids',
  },
  unsupported_media_type: {
    status: 415,
    when: 'The body is not application/json in UTF-8',
    action: 'Set `Content-Type: application/json`',
  },
  invalid_request: {
    status: 422,
    when: "The request has values that can't be used; `errors` names the fields",
    action: 'Correct the fields that `errors` names; each has a message and mostly a hint',
  },
  invalid_schedule: {
    status: 422,
    when: 'The schedule would not be one that can fire',
    action: 'Correct the column that `errors` names, as its hint says',
  },
  invalid_backfill: {
    status: 422,
    when: 'The range is not one that can be run',
    action: 'Correct the bound that `errors` names; a range ends in the past and has at most 100,000 instants',
  },
  invalid_payload: {
    status: 422,
    when: "The payload does not fit the task's schema",
    action: "Correct the payload; the task's schema is in the list of tasks",
  },
  invalid_run: {
    status: 422,
    when: 'The run is not one that can be run again',
    action: 'A `missed` run that covers a range is run by a backfill',
  },
  not_a_worker: {
    status: 422,
    when: 'Only workers drain',
    action: 'Give the id of a worker; ticks and APIs are stopped instead',
  },
  no_live_worker: {
    status: 422,
    when: 'No live worker has the task, and `strict` was asked for',
    action: 'Start a worker that has the task, or leave out `strict`',
  },
  too_many_schedules: {
    status: 422,
    when: 'More schedules match than one request may act on',
    action: 'Narrow the filter, or go through the matches in parts',
  },
  idempotency_key_reused: {
    status: 422,
    when: 'The `Idempotency-Key` was used for another request',
    action: 'Use a new key for each request; send the same key only with the same request',
  },
  rate_limited: {
    status: 429,
    when: 'Too many requests; `Retry-After` says how many seconds to wait',
    action: 'Wait as long as `Retry-After` says; see PGBEAT_RATE_LIMIT',
  },
  internal_error: {
    status: 500,
    when: "Something went wrong that is not the client's fault; the log has the request's id",
    action: 'Look for the `X-Request-Id` of the answer in the log, and report it',
  },
  database_unavailable: {
    status: 503,
    when: 'Postgres does not answer, or not in time',
    action: 'Try again; if it stays, run `bin/doctor`',
  },
  too_many_streams: {
    status: 503,
    when: 'As many clients follow the events as this process serves',
    action: 'Try again later, or start another API process',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems
