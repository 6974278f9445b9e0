-- What somebody did by hand is in the audit trail, whether it changed a schedule or only had it run; and a request that
-- is sent again with its key is not done again.

alter table pgbeat.schedule_events drop constraint schedule_events_event_type_check;
alter table pgbeat.schedule_events add constraint schedule_events_event_type_check check (event_type in
  ('created', 'updated', 'paused', 'resumed', 'deleted', 'triggered', 'backfilled', 'cancelled', 'retried'));
comment on column pgbeat.schedule_events.event_type is
  'created, updated, paused, resumed, deleted; of its runs: triggered, backfilled, cancelled, retried';
comment on column pgbeat.schedule_events.changes is
  'Each column that changed, with from and to; of what was done to runs, the id of the run or backfill';

create function pgbeat.record_act(schedule_id uuid, schedule_name text, act text, changes jsonb) returns void
language sql as $$
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by, occurred_at,
    note)
  values ($1, $2, $3, $4,
    coalesce(
      (select s.revision from pgbeat.schedules s where s.id = $1),
      (select max(e.revision) from pgbeat.schedule_events e where e.schedule_id = $1),
      0),
    pgbeat.actor(), pgbeat.clock(), nullif(current_setting('pgbeat.note', true), ''))
$$;
comment on function pgbeat.record_act is 'Enters into the audit trail what somebody did with a schedule''s runs';

create or replace function pgbeat.trigger(schedule text, payload jsonb default null) returns bigint
language plpgsql as $$
declare
  target pgbeat.schedules;
  new_run_id bigint;
  moment constant timestamptz := pgbeat.clock();
  instant timestamptz := moment;
begin
  select * into target from pgbeat.schedules where id = pgbeat.schedule_id($1);
  while new_run_id is null loop
    -- Never a whole millisecond: those are the timetables'.
    if extract(microseconds from instant)::bigint % 1000 = 0 then
      instant := instant + interval '1 microsecond';
    end if;
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, priority,
      queue_name, max_attempts, timeout, queued_at)
    values (target.id, target.name, target.task_name, coalesce($2, target.payload), instant, 'manual',
      'queued', target.priority, target.queue_name, target.max_attempts, target.timeout, moment)
    on conflict do nothing
    returning id into new_run_id;
    exit when new_run_id is not null;
    instant := instant + interval '1 microsecond';
  end loop;
  perform graphile_worker.add_job(target.task_name,
    json_build_object('run_id', new_run_id::text, 'scheduled_for', instant, 'attempt', 1),
    queue_name := target.queue_name, priority := target.priority, max_attempts := 32767);
  perform pgbeat.record_act(target.id, target.name, 'triggered',
    jsonb_build_object('run_id', jsonb_build_object('to', new_run_id::text)));
  return new_run_id;
end $$;

create or replace function pgbeat.cancel(run_id bigint) returns boolean
language plpgsql as $$
begin
  if not exists (select from pgbeat.cancel_runs(array[run_id], 'cancelled')) then
    return false;
  end if;
  perform pgbeat.record_act(r.schedule_id, r.schedule_name, 'cancelled',
    jsonb_build_object('run_id', jsonb_build_object('to', r.id::text)))
  from pgbeat.runs r where r.id = run_id;
  return true;
end $$;

create or replace function pgbeat.backfill(schedule text, starts_at timestamptz, ends_at timestamptz,
  which text default 'missing', max_active integer default 1, dry_run boolean default false, payload jsonb default null)
returns bigint
language plpgsql as $$
declare
  target pgbeat.schedules;
  problem constant pgbeat.problem := pgbeat.backfill_problem(starts_at, ends_at, which, max_active);
  new_id bigint;
begin
  select * into target from pgbeat.schedules where id = pgbeat.schedule_id($1);
  if problem is not null then
    raise exception using
      errcode = 'invalid_parameter_value', schema = 'pgbeat', table = 'backfills', column = problem.column_name,
      message = problem.message, hint = problem.hint;
  end if;
  insert into pgbeat.backfills (schedule_id, schedule_name, starts_at, ends_at, which, max_active, dry_run, payload,
    created_at, created_by)
  values (target.id, target.name, $2, $3, $4, $5, coalesce($6, false), $7, pgbeat.clock(), pgbeat.actor())
  returning id into new_id;
  perform pgbeat.record_act(target.id, target.name, 'backfilled',
    jsonb_build_object('backfill_id', jsonb_build_object('to', new_id::text)));
  perform pg_notify('pgbeat_schedules', 'backfill');
  return new_id;
end $$;

create or replace function pgbeat.cancel_backfill(backfill bigint) returns boolean
language plpgsql as $$
declare
  cancelled pgbeat.backfills;
begin
  update pgbeat.backfills set status = 'cancelled', finished_at = pgbeat.clock()
  where id = $1 and status in ('listing', 'listed', 'running')
  returning * into cancelled;
  if not found then
    return false;
  end if;
  perform pgbeat.cancel_runs(array(
    select id from pgbeat.runs where backfill_id = $1 and status in ('waiting', 'queued', 'retrying')), 'cancelled');
  perform pgbeat.record_act(cancelled.schedule_id, cancelled.schedule_name, 'cancelled',
    jsonb_build_object('backfill_id', jsonb_build_object('to', cancelled.id::text)));
  return true;
end $$;

create table pgbeat.idempotency_keys (
  caller text not null,
  key text not null,
  fingerprint bytea not null,
  status smallint,
  headers jsonb,
  body text,
  created_at timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_keys_by_age on pgbeat.idempotency_keys (created_at);
comment on table pgbeat.idempotency_keys is
  'Answers to requests with an Idempotency-Key, written with what the request did and given again when it is repeated; kept for a day';
comment on column pgbeat.idempotency_keys.caller is 'Who asked; keys of different callers have nothing to do with each other';
comment on column pgbeat.idempotency_keys.key is 'As the request had it';
comment on column pgbeat.idempotency_keys.fingerprint is 'SHA-256 of the request: another one with the same key is refused';
comment on column pgbeat.idempotency_keys.status is 'HTTP status of the answer';
comment on column pgbeat.idempotency_keys.headers is 'Its headers that say something about what was done';
comment on column pgbeat.idempotency_keys.body is 'Its body, to the letter';
comment on column pgbeat.idempotency_keys.created_at is 'When the request was made';

-- What changed is put together as json and made jsonb once: jsonb's aggregate takes the square of a large payload's keys.
create or replace function pgbeat.schedule_changes(old_row jsonb, new_row jsonb) returns jsonb
language sql immutable as $$
  select coalesce(json_object_agg(key, case
      when before is null then json_build_object('to', after)
      when after is null then json_build_object('from', before)
      else json_build_object('from', before, 'to', after) end)::jsonb, '{}')
  from jsonb_object_keys(coalesce(old_row, new_row)) key,
    lateral (select nullif(old_row -> key, 'null') as before, nullif(new_row -> key, 'null') as after) value
  where before is distinct from after
$$;

create or replace function pgbeat.after_schedules_insert_or_delete() returns trigger
language plpgsql as $$
declare
  moment constant timestamptz := pgbeat.clock();
begin
  insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by,
    occurred_at, note)
  select id, name,
    case tg_op when 'INSERT' then 'created' else 'deleted' end,
    case tg_op when 'INSERT' then pgbeat.schedule_changes(null, pgbeat.editable(changed))
      else pgbeat.schedule_changes(pgbeat.editable(changed), null) end,
    case tg_op when 'INSERT' then revision else revision + 1 end,
    pgbeat.actor(), moment, nullif(current_setting('pgbeat.note', true), '')
  from changed;
  if tg_op = 'DELETE' then
    perform pgbeat.add_lapse(changed, case when changed.enabled then 'deleted' else 'paused' end,
      pgbeat.unfired_since(changed, moment), moment)
    from changed;
  end if;
  perform pg_notify('pgbeat_schedules', lower(tg_op));
  return null;
end $$;
